import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { IconBuildingCommunity, IconDots, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/shared/client/session';
import type { ProviderGrantView, ProviderQuestionView } from '@/shared/client/types';
import { age, dateTime } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { useNow } from '@/shared/lib/useNow';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { EmptyState } from '@/shared/ui/EmptyState';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { agree, limitGrant, providersQuery, revokeGrant, whatIsAsked } from './api';
import css from './Provider.module.css';
import { TermsFields } from './TermsFields';
import { chosen, dayOf, untilOf } from './terms';

/** Who else may act in the company: seen, narrowed and ended here. */
export function ProvidersPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const now = useNow(30_000);
  const { data, error, errorUpdatedAt, refetch } = useQuery(providersQuery);
  const [entering, setEntering] = useState(false);
  const [limiting, setLimiting] = useState<ProviderGrantView | null>(null);
  const [uses, setUses] = useState<ProviderGrantView | null>(null);
  const changed = () => void queries.invalidateQueries({ queryKey: providersQuery.queryKey });
  const revoke = async (g: ProviderGrantView) => {
    const sure = await confirm({
      title: t('provider.grants.revokeTitle', { name: g.provider }),
      text: t('provider.grants.revokeText'),
      action: t('provider.grants.revokeButton', { name: g.provider }),
      destructive: true,
    });
    if (!sure) return;
    try {
      await revokeGrant(g.id);
      toast.done(t('provider.grants.revoked', { name: g.provider }));
    } catch (e) {
      toast.failed(e);
    }
    changed();
  };
  const columns: Column<ProviderGrantView>[] = [
    {
      id: 'provider',
      header: t('provider.grants.provider'),
      width: 'minmax(150px, 1.2fr)',
      cell: (g) => <b>{g.provider}</b>,
      sort: (g) => g.provider,
    },
    {
      id: 'state',
      header: t('provider.state'),
      width: '116px',
      cell: (g) => <Status value={g.state} />,
      sort: (g) => g.state,
    },
    {
      id: 'roles',
      header: t('provider.terms.roles'),
      width: 'minmax(170px, 1.3fr)',
      cell: (g) => g.terms.roles.map((role) => t(`role.${role}`, role)).join(', '),
    },
    {
      id: 'people',
      header: t('provider.terms.people'),
      width: 'minmax(120px, 1fr)',
      cell: (g) =>
        g.terms.people
          ? g.people.map((p) => p.name).join(', ') ||
            t('provider.terms.named', { count: g.terms.people.length })
          : t('provider.terms.all'),
    },
    {
      id: 'until',
      header: t('provider.until'),
      width: '170px',
      cell: (g) => dateTime(g.terms.until),
      sort: (g) => g.terms.until,
    },
    {
      id: 'used',
      header: t('provider.grants.used'),
      width: '150px',
      cell: (g) => {
        const last = g.uses[0];
        return last ? (
          <Button size="compact-xs" variant="default" onClick={() => setUses(g)}>
            {t('provider.grants.usedAgo', { count: g.uses.length, age: age(last.lastAt, now) })}
          </Button>
        ) : (
          <span className={css.dim}>{t('provider.grants.never')}</span>
        );
      },
      sort: (g) => g.uses[0]?.lastAt ?? '',
    },
    {
      id: 'actions',
      header: '',
      width: '32px',
      cell: (g) =>
        g.state === 'revoked' ? null : (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon size={24} aria-label={t('provider.actionsOf', { name: g.provider })}>
                <IconDots size={15} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {g.state === 'live' && (
                <Menu.Item onClick={() => setLimiting(g)}>{t('provider.grants.limit')}</Menu.Item>
              )}
              <Menu.Item color="var(--st-failed)" onClick={() => void revoke(g)}>
                {t('provider.grants.revoke')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ),
    },
  ];
  const add = (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setEntering(true)}>
      {t('provider.grants.enter')}
    </Button>
  );
  return (
    <section className={css.page} aria-label={t('provider.grants.title')}>
      <div className={css.bar}>
        <p>{t('provider.grants.text')}</p>
        <span className={css.space} />
        {add}
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <DataTable
          label={t('provider.grants.title')}
          columns={columns}
          rows={data}
          rowId={(g) => g.id}
          minWidth={1080}
          empty={
            <EmptyState
              icon={<IconBuildingCommunity size={22} stroke={1.5} />}
              title={t('provider.grants.none')}
              text={t('provider.grants.noneText')}
              action={add}
            />
          }
        />
      )}
      {entering && (
        <Enter
          onClose={() => setEntering(false)}
          onAgreed={(g) => {
            setEntering(false);
            toast.done(t('provider.grants.agreed', { name: g.provider }));
            changed();
          }}
        />
      )}
      {limiting && (
        <Limit
          grant={limiting}
          onClose={() => setLimiting(null)}
          onLimited={() => {
            setLimiting(null);
            changed();
          }}
        />
      )}
      {uses && <Uses grant={uses} onClose={() => setUses(null)} />}
    </section>
  );
}

type Agreed = { onClose: () => void; onAgreed: (grant: ProviderGrantView) => void };

/** Only who is shown is chosen: somebody named may have lost the role meanwhile. */
const idsOf = (people: readonly { id: string }[]) => people.map((p) => p.id).join(' ');

/** First the code, then exactly what it asks for. */
function Enter({ onClose, onAgreed }: Agreed) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<{ code: string; question: ProviderQuestionView } | null>(null);
  const f = useForm({
    initial: { code: '' },
    check: (v) => (v.code.trim() ? {} : { code: t('provider.grants.codeMissing') }),
    send: async (v) => ({ code: v.code.trim(), question: await whatIsAsked(v.code.trim()) }),
    done: setAsked,
  });
  if (asked) return <Agree {...asked} onClose={onClose} onAgreed={onAgreed} />;
  return (
    <Modal opened onClose={onClose} title={t('provider.grants.enter')} size="sm" centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={dialog.text}>{t('provider.grants.enterText')}</p>
        <TextInput label={t('provider.grants.code')} autoComplete="off" data-autofocus {...f.field('code')} />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('provider.grants.look')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Agree({
  code,
  question,
  onClose,
  onAgreed,
}: { code: string; question: ProviderQuestionView } & Agreed) {
  const { t } = useTranslation();
  const { asked } = question;
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: {
      roles: asked.roles.join(' '),
      whom: asked.people ? 'some' : 'all',
      people: asked.people ? idsOf(question.people) : '',
      day: dayOf(asked.until),
      factor: '',
    },
    check: (v) => ({
      ...(v.roles ? {} : { roles: t('provider.terms.rolesMissing') }),
      ...(chosen(v.whom, v.people)?.length === 0 ? { people: t('provider.terms.peopleMissing') } : {}),
      ...(v.day ? {} : { day: t('provider.terms.dayMissing') }),
      ...(confirmed || v.factor.trim() ? {} : { factor: t('provider.grants.factorHint') }),
    }),
    send: (v) => {
      const named = chosen(v.whom, v.people);
      return agree({
        code,
        roles: v.roles.split(' '),
        ...(named ? { people: named } : {}),
        until: untilOf(v.day, asked.until),
        ...(confirmed ? {} : { factor: v.factor.trim() }),
      });
    },
    done: onAgreed,
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { factor: t('provider.wrongCode') };
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('provider.grants.askedBy', { name: question.provider })}
      centered
    >
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={dialog.text}>{t('provider.grants.askedText', { name: question.provider })}</p>
        {question.note && <p className={dialog.said}>{question.note}</p>}
        <TermsFields
          fields={{ values: f.values, set: f.set, error: (name) => f.field(name).error }}
          roles={asked.roles}
          permissions={question.permissions}
          people={question.people}
          all={asked.people === null}
          lastDay={dayOf(asked.until)}
        />
        <p className={dialog.text}>{t('provider.grants.neverText')}</p>
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('provider.grants.factorHint')}
          {...f.field('factor')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('provider.grants.agree')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Limit({
  grant,
  onClose,
  onLimited,
}: {
  grant: ProviderGrantView;
  onClose: () => void;
  onLimited: () => void;
}) {
  const { t } = useTranslation();
  const { terms } = grant;
  const f = useForm({
    initial: {
      roles: terms.roles.join(' '),
      whom: terms.people ? 'some' : 'all',
      people: terms.people ? idsOf(grant.people) : '',
      day: dayOf(terms.until),
    },
    check: (v) => ({
      ...(v.roles ? {} : { roles: t('provider.terms.rolesMissing') }),
      ...(chosen(v.whom, v.people)?.length === 0 ? { people: t('provider.terms.peopleMissing') } : {}),
      ...(v.day ? {} : { day: t('provider.terms.dayMissing') }),
    }),
    send: (v) => {
      const named = chosen(v.whom, v.people);
      return limitGrant(grant.id, {
        roles: v.roles.split(' '),
        ...(named ? { people: named } : {}),
        until: untilOf(v.day, terms.until),
      });
    },
    done: onLimited,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('provider.grants.limitTitle', { name: grant.provider })}
      centered
    >
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={dialog.text}>{t('provider.grants.limitText')}</p>
        <TermsFields
          fields={{ values: f.values, set: f.set, error: (name) => f.field(name).error }}
          roles={terms.roles}
          permissions={grant.permissions}
          people={grant.people}
          all={terms.people === null}
          lastDay={dayOf(terms.until)}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('provider.grants.limit')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Who used a grant, with the way to all that they did. */
function Uses({ grant, onClose }: { grant: ProviderGrantView; onClose: () => void }) {
  const { t } = useTranslation();
  const reads = useCan('audit:read');
  return (
    <Modal opened onClose={onClose} title={t('provider.grants.usesTitle', { name: grant.provider })} centered>
      <ul className={css.uses}>
        {grant.uses.map((u) => (
          <li key={u.account}>
            <b>{u.name}</b>
            <span className={css.dim}>
              {t('provider.grants.useSpan', { first: dateTime(u.firstAt), last: dateTime(u.lastAt) })}
            </span>
            {reads && (
              <Link to="/audit" search={{ actor: u.account }}>
                {t('provider.grants.did')}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Modal>
  );
}
