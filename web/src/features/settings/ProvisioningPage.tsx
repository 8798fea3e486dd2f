import { ActionIcon, Button, Modal, SegmentedControl, Tooltip } from '@mantine/core';
import { IconKey, IconPlus, IconUsersGroup, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DirectoryGroupView, KeyView, NewKeyView } from '@/shared/client/types';
import { age, dateTime } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { useNow } from '@/shared/lib/useNow';
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
import { makeDirectoryKey, provisioningQuery, revokeKey, tieRole } from './api';
import { MakeKey, NewKeyDialog } from './KeyDialogs';
import { RoleSelect } from './RoleSelect';
import css from './Settings.module.css';

type Part = 'groups' | 'keys';
const NONE = 'none';

/** The company's directory: the keys that it comes with, and what its groups bring. */
export function ProvisioningPage() {
  const { t } = useTranslation();
  const { data, error, errorUpdatedAt, refetch } = useQuery(provisioningQuery);
  const [part, setPart] = useState<Part>('groups');
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<NewKeyView | null>(null);
  const add = (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
      {t('settings.keys.make')}
    </Button>
  );
  return (
    <section className={css.section} aria-label={t('settings.provisioning.title')}>
      <div className={css.tools}>
        <p>{t('settings.provisioning.text')}</p>
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <>
          <div className={`${css.tools} ${css.wraps}`}>
            <SegmentedControl
              aria-label={t('settings.provisioning.view')}
              size="xs"
              value={part}
              onChange={(v) => setPart(v as Part)}
              data={(['groups', 'keys'] as const).map((value) => ({
                value,
                label: t(`settings.provisioning.${value}`),
              }))}
            />
            <div className={css.address}>
              <span className={css.dim}>{t('settings.provisioning.address')}</span>
              <code>{data.address}</code>
              <CopyButton text={data.address} size="compact-xs" />
            </div>
            {add}
          </div>
          {part === 'groups' ? <Groups groups={data.groups} /> : <Keys keys={data.keys} add={add} />}
        </>
      )}
      {making && (
        <MakeKey
          title={t('settings.provisioning.makeTitle')}
          nameHint={t('settings.provisioning.nameHint')}
          send={({ scopes: _, ...v }) => makeDirectoryKey(v)}
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false);
            setPart('keys');
            setMade(key);
          }}
        />
      )}
      {made && (
        <NewKeyDialog made={made} path="/scim/v2/ServiceProviderConfig" onClose={() => setMade(null)} />
      )}
    </section>
  );
}

function Groups({ groups }: { groups: DirectoryGroupView[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [tying, setTying] = useState<DirectoryGroupView | null>(null);
  const columns = useMemo<Column<DirectoryGroupView>[]>(
    () => [
      {
        id: 'name',
        header: t('settings.provisioning.group'),
        width: 'minmax(180px, 1.4fr)',
        cell: (g) => <b>{g.name}</b>,
        sort: (g) => g.name,
      },
      {
        id: 'members',
        header: t('settings.provisioning.members'),
        width: '96px',
        end: true,
        cell: (g) => <span className={`num ${g.members > 0 ? '' : css.dim}`}>{g.members}</span>,
        sort: (g) => g.members,
      },
      {
        id: 'role',
        header: t('settings.provisioning.brings'),
        width: 'minmax(160px, 1fr)',
        cell: (g) =>
          g.role ? (
            t(`role.${g.role}`, g.role)
          ) : (
            <span className={css.dim}>{t('settings.provisioning.nothing')}</span>
          ),
        sort: (g) => g.role ?? '',
      },
      {
        id: 'tie',
        header: '',
        width: '116px',
        cell: (g) => (
          <Button
            variant="default"
            size="compact-xs"
            aria-label={t('settings.provisioning.tieOf', { name: g.name })}
            onClick={() => setTying(g)}
          >
            {t('settings.provisioning.tie')}
          </Button>
        ),
      },
    ],
    [t],
  );
  return (
    <>
      <DataTable
        label={t('settings.provisioning.groups')}
        columns={columns}
        rows={groups}
        rowId={(g) => g.id}
        minWidth={560}
        empty={
          <EmptyState
            icon={<IconUsersGroup size={22} stroke={1.5} />}
            title={t('settings.provisioning.noGroups')}
            text={t('settings.provisioning.noGroupsText')}
          />
        }
      />
      {tying && (
        <TieDialog
          group={tying}
          onClose={() => setTying(null)}
          onTied={(g) => {
            setTying(null);
            toast.done(
              g.role
                ? t('settings.provisioning.tied', { name: g.name, role: t(`role.${g.role}`, g.role) })
                : t('settings.provisioning.untied', { name: g.name }),
            );
            void queries.invalidateQueries({ queryKey: provisioningQuery.queryKey });
            void queries.invalidateQueries({ queryKey: ['users'] });
          }}
        />
      )}
    </>
  );
}

function TieDialog({
  group,
  onClose,
  onTied,
}: {
  group: DirectoryGroupView;
  onClose: () => void;
  onTied: (g: DirectoryGroupView) => void;
}) {
  const { t } = useTranslation();
  const [confirmed, setConfirmed] = useState(false);
  const before = group.role ?? NONE;
  const f = useForm({
    initial: { role: before, code: '' },
    check: (v) => (confirmed || v.code.trim() ? {} : { code: t('settings.provisioning.codeHint') }),
    send: (v) =>
      tieRole(group.id, {
        ...(v.role === NONE ? {} : { role: v.role }),
        ...(confirmed ? {} : { code: v.code.trim() }),
      }),
    done: onTied,
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('settings.keys.wrongCode') };
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('settings.provisioning.tieTitle', { name: group.name })}
      centered
    >
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={css.tie}>{t('settings.provisioning.tieText', { count: group.members })}</p>
        <RoleSelect none value={f.values.role} onChange={(role) => f.set('role', role)} />
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('settings.provisioning.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.values.role === before || f.wait > 0}>
            {t('settings.provisioning.tieButton')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Keys({ keys, add }: { keys: KeyView[]; add: ReactNode }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const now = useNow(30_000);
  const columns = useMemo<Column<KeyView>[]>(() => {
    const revoke = async (key: KeyView) => {
      const sure = await confirm({
        title: t('settings.keys.revokeTitle', { name: key.name }),
        text: t('settings.provisioning.revokeText'),
        action: t('settings.keys.revokeButton', { name: key.name }),
        destructive: true,
      });
      if (!sure) return;
      try {
        await revokeKey(key.id);
        toast.done(t('settings.keys.revoked', { name: key.name }));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: provisioningQuery.queryKey });
      void queries.invalidateQueries({ queryKey: ['api-keys'] });
    };
    return [
      {
        id: 'name',
        header: t('settings.keys.name'),
        width: 'minmax(140px, 1fr)',
        cell: (k) => <b>{k.name}</b>,
        sort: (k) => k.name,
      },
      {
        id: 'hint',
        header: t('settings.keys.hint'),
        width: '76px',
        cell: (k) => <span className="mono">…{k.hint}</span>,
      },
      {
        id: 'state',
        header: t('settings.keys.state'),
        width: '126px',
        cell: (k) => <Status value={k.state} />,
        sort: (k) => k.state,
      },
      {
        id: 'by',
        header: t('settings.keys.createdBy'),
        width: 'minmax(120px, 0.8fr)',
        cell: (k) => k.createdBy,
        sort: (k) => k.createdBy,
      },
      {
        id: 'expires',
        header: t('settings.keys.expires'),
        width: '150px',
        cell: (k) => <span className="num">{dateTime(k.expiresAt)}</span>,
        sort: (k) => k.expiresAt,
      },
      {
        id: 'last',
        header: t('settings.keys.last'),
        width: '88px',
        end: true,
        cell: (k) =>
          k.lastUsedAt ? (
            <Tooltip
              label={`${dateTime(k.lastUsedAt)} ${t('settings.keys.from', { address: k.lastUsedFrom ?? '' })}`}
            >
              <span className="num">{age(k.lastUsedAt, now)}</span>
            </Tooltip>
          ) : (
            <span className={css.dim}>{t('settings.never')}</span>
          ),
        sort: (k) => k.lastUsedAt ?? '',
      },
      {
        id: 'actions',
        header: '',
        width: '32px',
        cell: (k) =>
          k.state === 'revoked' || k.state === 'expired' ? null : (
            <Tooltip label={t('settings.keys.revoke')}>
              <ActionIcon
                size={24}
                aria-label={t('settings.keys.revokeButton', { name: k.name })}
                onClick={() => void revoke(k)}
              >
                <IconX size={15} />
              </ActionIcon>
            </Tooltip>
          ),
      },
    ];
  }, [t, now, queries]);
  return (
    <DataTable
      label={t('settings.provisioning.keys')}
      columns={columns}
      rows={keys}
      rowId={(k) => k.id}
      minWidth={820}
      empty={
        <EmptyState
          icon={<IconKey size={22} stroke={1.5} />}
          title={t('settings.provisioning.noKeys')}
          text={t('settings.provisioning.noKeysText')}
          action={add}
        />
      }
    />
  );
}
