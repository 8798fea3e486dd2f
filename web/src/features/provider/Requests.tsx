import { ActionIcon, Button, Menu, Modal, Textarea, TextInput } from '@mantine/core';
import { IconDots, IconMailQuestion, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DelegationAskedView, DelegationRequestView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { CopyButton } from '@/shared/ui/CopyButton';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { EmptyState } from '@/shared/ui/EmptyState';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { askCustomer, PROVIDER_ROLES, peopleQuery, requestsQuery, withdraw } from './api';
import css from './Provider.module.css';
import { TermsFields } from './TermsFields';
import { chosen, dayIn, untilOf } from './terms';

const LONGEST_DAYS = 365;

/** What the provider asks its customers for, and what became of it. */
export function Requests() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(requestsQuery);
  const [asking, setAsking] = useState(false);
  const [asked, setAsked] = useState<DelegationAskedView | null>(null);
  const end = async (r: DelegationRequestView) => {
    const name = r.customer ?? r.sentTo ?? t('provider.somebody');
    const sure = await confirm({
      title: t('provider.requests.withdrawTitle', { name }),
      text: t(r.state === 'agreed' ? 'provider.requests.leaveText' : 'provider.requests.withdrawText'),
      action: t('provider.requests.withdraw'),
      destructive: true,
    });
    if (!sure) return;
    try {
      await withdraw(r.id);
      toast.done(t('provider.requests.withdrawn'));
    } catch (e) {
      toast.failed(e);
    }
    void queries.invalidateQueries({ queryKey: ['provider'] });
  };
  const columns: Column<DelegationRequestView>[] = [
    {
      id: 'customer',
      header: t('provider.customer'),
      width: 'minmax(150px, 1.2fr)',
      cell: (r) => r.customer ?? <span className={css.dim}>{r.sentTo ?? t('provider.requests.byHand')}</span>,
      sort: (r) => r.customer ?? r.sentTo ?? '',
    },
    {
      id: 'state',
      header: t('provider.state'),
      width: '124px',
      cell: (r) => <Status value={r.state} />,
      sort: (r) => r.state,
    },
    {
      id: 'roles',
      header: t('provider.terms.roles'),
      width: 'minmax(170px, 1.2fr)',
      cell: (r) => (r.agreed ?? r.asked).roles.map((role) => t(`role.${role}`, role)).join(', '),
    },
    {
      id: 'people',
      header: t('provider.terms.people'),
      width: '110px',
      cell: (r) => {
        const named = (r.agreed ?? r.asked).people;
        return named ? t('provider.terms.named', { count: named.length }) : t('provider.terms.all');
      },
    },
    {
      id: 'until',
      header: t('provider.until'),
      width: '170px',
      cell: (r) => dateTime((r.agreed ?? r.asked).until),
      sort: (r) => (r.agreed ?? r.asked).until,
    },
    {
      id: 'by',
      header: t('provider.requests.by'),
      width: 'minmax(110px, 0.8fr)',
      cell: (r) => r.by,
      sort: (r) => r.by,
    },
    {
      id: 'actions',
      header: '',
      width: '32px',
      cell: (r) =>
        r.state === 'open' || r.state === 'agreed' ? (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon
                size={24}
                aria-label={t('provider.actionsOf', {
                  name: r.customer ?? r.sentTo ?? t('provider.somebody'),
                })}
              >
                <IconDots size={15} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item color="var(--st-failed)" onClick={() => void end(r)}>
                {t(r.state === 'agreed' ? 'provider.requests.leave' : 'provider.requests.withdraw')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : null,
    },
  ];
  const add = (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setAsking(true)}>
      {t('provider.requests.ask')}
    </Button>
  );
  return (
    <>
      <div className={css.bar}>
        <p>{t('provider.requests.text')}</p>
        <span className={css.space} />
        {add}
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <DataTable
          label={t('provider.tab.requests')}
          columns={columns}
          rows={data}
          rowId={(r) => r.id}
          minWidth={980}
          empty={
            <EmptyState
              icon={<IconMailQuestion size={22} stroke={1.5} />}
              title={t('provider.requests.none')}
              text={t('provider.requests.noneText')}
              action={add}
            />
          }
        />
      )}
      {asking && (
        <Ask
          onClose={() => setAsking(false)}
          onAsked={(made) => {
            setAsking(false);
            setAsked(made);
            void queries.invalidateQueries({ queryKey: ['provider'] });
          }}
        />
      )}
      {asked && <Code asked={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function Ask({ onClose, onAsked }: { onClose: () => void; onAsked: (asked: DelegationAskedView) => void }) {
  const { t } = useTranslation();
  const people = (useQuery(peopleQuery).data ?? []).filter((p) => p.role !== null);
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: {
      roles: 'provider-analyst',
      whom: 'all',
      people: '',
      day: dayIn(90),
      note: '',
      email: '',
      code: '',
    },
    check: (v) => ({
      ...(v.roles ? {} : { roles: t('provider.terms.rolesMissing') }),
      ...(chosen(v.whom, v.people)?.length === 0 ? { people: t('provider.terms.peopleMissing') } : {}),
      ...(v.day ? {} : { day: t('provider.terms.dayMissing') }),
      ...(confirmed || v.code.trim() ? {} : { code: t('provider.codeHint') }),
    }),
    send: (v) => {
      const named = chosen(v.whom, v.people);
      return askCustomer({
        roles: v.roles.split(' '),
        ...(named ? { people: named } : {}),
        until: untilOf(v.day),
        note: v.note.trim(),
        ...(v.email.trim() ? { email: v.email.trim() } : {}),
        ...(confirmed ? {} : { code: v.code.trim() }),
      });
    },
    done: onAsked,
    about: (p) => {
      const until = p.field('until');
      if (until) return { day: until };
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('provider.wrongCode') };
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('provider.requests.ask')} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={dialog.text}>{t('provider.requests.askText')}</p>
        <TermsFields
          fields={{ values: f.values, set: f.set, error: (name) => f.field(name).error }}
          roles={PROVIDER_ROLES}
          people={people}
          all
          lastDay={dayIn(LONGEST_DAYS)}
        />
        <Textarea
          label={t('provider.requests.note')}
          description={t('provider.requests.noteHint')}
          maxLength={500}
          autosize
          minRows={2}
          maxRows={5}
          {...f.field('note')}
        />
        <TextInput
          type="email"
          label={t('provider.requests.email')}
          description={t('provider.requests.emailHint')}
          autoComplete="off"
          {...f.field('email')}
        />
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('provider.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('provider.requests.make')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** The code for the customer; it is shown this one time. */
function Code({ asked, onClose }: { asked: DelegationAskedView; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('provider.requests.codeTitle')}
      centered
      closeOnClickOutside={false}
    >
      <div className={dialog.form}>
        <p className={dialog.text}>{t('provider.requests.codeText')}</p>
        <div className={css.code}>
          <code>{asked.code}</code>
          <CopyButton text={asked.code} data-autofocus />
        </div>
        <div className={dialog.buttons}>
          <Button onClick={onClose}>{t('provider.requests.kept')}</Button>
        </div>
      </div>
    </Modal>
  );
}
