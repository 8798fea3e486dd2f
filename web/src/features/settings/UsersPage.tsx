import { ActionIcon, Button, Menu, Modal, TextInput, Tooltip } from '@mantine/core';
import { IconDots, IconUserPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { billingQuery } from '@/shared/client/billing';
import { rowsOf } from '@/shared/client/query';
import { useCan, useSession } from '@/shared/client/session';
import type { UserView } from '@/shared/client/types';
import { useCommands } from '@/shared/lib/commands';
import { age, date, dateTime } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { useNow } from '@/shared/lib/useNow';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LevelSelect } from '@/shared/ui/LevelSelect';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import {
  agreeFactorReset,
  askFactorReset,
  changeUser,
  factorResetsQuery,
  invite,
  signOutUser,
  stopFactorReset,
  usersQuery,
} from './api';
import { FactorDialog } from './FactorDialog';
import { RoleSelect } from './RoleSelect';
import css from './Settings.module.css';

export function UsersPage() {
  const { t } = useTranslation();
  const may = useCan('user:manage');
  const { user, acting } = useSession();
  const self = user?.id;
  const resetting = may && user?.role === 'tenant-admin' && acting === null;
  const queries = useQueryClient();
  const now = useNow(60_000);
  const [inviting, setInviting] = useState(false);
  const [changing, setChanging] = useState<UserView | null>(null);
  const [factor, setFactor] = useState<{ user: UserView; askedBy?: string } | null>(null);
  const list = useInfiniteQuery(usersQuery);
  const resets = useQuery({ ...factorResetsQuery, enabled: resetting }).data?.items;
  const rows = rowsOf(list.data);
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ['users'] });
    void queries.invalidateQueries({ queryKey: billingQuery.queryKey });
  };

  const columns = useMemo<Column<UserView>[]>(() => {
    const toggle = async (u: UserView) => {
      const name = u.name || u.email;
      const disabled = u.state !== 'disabled';
      const sure =
        !disabled ||
        (await confirm({
          title: t('settings.users.disableTitle', { name }),
          text: t('settings.users.disableText'),
          action: t('settings.users.disableButton', { name }),
          destructive: true,
        }));
      if (!sure) return;
      try {
        await changeUser(u.id, { disabled });
        toast.done(t(disabled ? 'settings.users.disabled' : 'settings.users.enabled', { name }));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: ['users'] });
    };
    const signOut = async (u: UserView) => {
      const name = u.name || u.email;
      const sure = await confirm({
        title: t('settings.users.signOutTitle', { name }),
        text: t('settings.users.signOutText'),
        action: t('settings.users.signOutButton', { name }),
        destructive: true,
      });
      if (!sure) return;
      try {
        await signOutUser(u.id);
        toast.done(t('settings.users.signedOut', { name }));
      } catch (e) {
        toast.failed(e);
      }
    };
    const resetOf = (u: UserView) => resets?.find((r) => r.user === u.id);
    const stop = async (u: UserView) => {
      try {
        await stopFactorReset(u.id);
        toast.done(t('settings.users.stoppedReset'));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: factorResetsQuery.queryKey });
    };
    const factorItems = (u: UserView) => {
      const open = resetOf(u);
      if (!resetting || u.state !== 'active' || !u.mfa) return null;
      return (
        <>
          {!open && <Menu.Item onClick={() => setFactor({ user: u })}>{t('settings.users.reset')}</Menu.Item>}
          {open && !open.mine && open.agreedBy === null && (
            <Menu.Item onClick={() => setFactor({ user: u, askedBy: open.askedBy })}>
              {t('settings.users.agree')}
            </Menu.Item>
          )}
          {open && <Menu.Item onClick={() => void stop(u)}>{t('settings.users.stopReset')}</Menu.Item>}
        </>
      );
    };
    const actions: Column<UserView> = {
      id: 'actions',
      header: '',
      width: '32px',
      cell: (u) =>
        u.id === self ? null : (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon size={24} aria-label={t('settings.actionsOf', { name: u.name || u.email })}>
                <IconDots size={15} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setChanging(u)}>
                {t(u.state === 'active' ? 'settings.users.changeRoleClearance' : 'settings.users.changeRole')}
              </Menu.Item>
              {u.state === 'active' && (
                <Menu.Item onClick={() => void signOut(u)}>{t('settings.users.signOut')}</Menu.Item>
              )}
              {factorItems(u)}
              <Menu.Item
                {...(u.state === 'disabled' ? {} : { color: 'var(--st-failed)' })}
                onClick={() => void toggle(u)}
              >
                {t(u.state === 'disabled' ? 'settings.users.enable' : 'settings.users.disable')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ),
    };
    return [
      {
        id: 'name',
        header: t('settings.users.name'),
        width: 'minmax(140px, 1fr)',
        cell: (u) => (
          <>
            <b>{u.name || <span className={css.dim}>{t('settings.users.notYet')}</span>}</b>
            {u.id === self && <span className={css.dim}> · {t('settings.users.you')}</span>}
          </>
        ),
        sort: (u) => u.name,
      },
      {
        id: 'email',
        header: t('settings.users.email'),
        width: 'minmax(180px, 1fr)',
        cell: (u) => u.email,
        sort: (u) => u.email,
      },
      {
        id: 'role',
        header: t('settings.users.role'),
        width: 'minmax(130px, 0.7fr)',
        cell: (u) => (
          <>
            {t(`role.${u.role}`, u.role)}
            {u.clearance > 0 && (
              <span className={css.dim}> · {t(`settings.users.level.${u.clearance}`)}</span>
            )}
            {u.roleUntil && (
              <span className={css.dim}> {t('settings.users.untilDay', { day: date(u.roleUntil) })}</span>
            )}
          </>
        ),
        sort: (u) => u.role,
      },
      {
        id: 'state',
        header: t('settings.users.state'),
        width: '100px',
        cell: (u) => <Status value={u.state} />,
        sort: (u) => u.state,
      },
      {
        id: 'mfa',
        header: t('settings.users.mfa'),
        width: '110px',
        cell: (u) => {
          const open = resetOf(u);
          if (open)
            return (
              <span className={css.dim}>
                {t(open.agreedBy === null ? 'settings.users.resetWaits' : 'settings.users.resetMailed')}
              </span>
            );
          return u.mfa ? (
            t('settings.users.mfaOn')
          ) : (
            <span className={css.dim}>{t('settings.users.mfaOff')}</span>
          );
        },
      },
      {
        id: 'last',
        header: t('settings.users.last'),
        width: '100px',
        end: true,
        cell: (u) =>
          u.lastSignInAt ? (
            <Tooltip label={dateTime(u.lastSignInAt)}>
              <span className="num">{age(u.lastSignInAt, now)}</span>
            </Tooltip>
          ) : (
            <span className={css.dim}>{t('settings.never')}</span>
          ),
        sort: (u) => u.lastSignInAt ?? '',
      },
      ...(may ? [actions] : []),
    ];
  }, [t, may, now, queries, self, resets, resetting]);
  useCommands(
    may
      ? [
          {
            id: 'invite',
            label: t('settings.users.invite'),
            keys: 'n',
            icon: <IconUserPlus size={18} stroke={1.6} />,
            run: () => setInviting(true),
          },
        ]
      : [],
  );

  return (
    <section className={css.section} aria-label={t('settings.users.title')}>
      <div className={css.tools}>
        <p>{t('settings.users.text')}</p>
        {may && (
          <Button leftSection={<IconUserPlus size={14} />} onClick={() => setInviting(true)}>
            {t('settings.users.invite')}
          </Button>
        )}
      </div>
      {list.error && (
        <ProblemNotice
          problem={list.error}
          since={list.errorUpdatedAt}
          onRetry={() => void list.refetch()}
          page={!list.data}
        />
      )}
      {list.isPending && <Loading />}
      {list.data && (
        <DataTable
          label={t('settings.users.title')}
          columns={columns}
          rows={rows}
          rowId={(u) => u.id}
          minWidth={820}
          empty={<EmptyState title={t('settings.users.none')} text={t('settings.users.noneText')} />}
          more={{
            has: list.hasNextPage,
            loading: list.isFetchingNextPage,
            load: () => void list.fetchNextPage(),
          }}
        />
      )}
      {factor && (
        <FactorDialog
          title={t(factor.askedBy ? 'settings.users.agreeTitle' : 'settings.users.resetTitle', {
            name: factor.user.name,
          })}
          text={
            factor.askedBy
              ? t('settings.users.agreeText', { by: factor.askedBy })
              : t('settings.users.resetText')
          }
          action={t(factor.askedBy ? 'settings.users.agreeButton' : 'settings.users.resetButton')}
          send={(code) =>
            factor.askedBy ? agreeFactorReset(factor.user.id, code) : askFactorReset(factor.user.id, code)
          }
          onClose={() => setFactor(null)}
          onDone={() => {
            toast.done(
              factor.askedBy
                ? t('settings.users.agreed', { name: factor.user.name })
                : t('settings.users.resetAsked'),
            );
            setFactor(null);
            void queries.invalidateQueries({ queryKey: factorResetsQuery.queryKey });
          }}
        />
      )}
      {inviting && (
        <InviteDialog
          onClose={() => setInviting(false)}
          onInvited={(u) => {
            setInviting(false);
            toast.done(t('settings.users.invited', { email: u.email }));
            refresh();
          }}
        />
      )}
      {changing && (
        <RoleDialog
          user={changing}
          onClose={() => setChanging(null)}
          onChanged={(u) => {
            setChanging(null);
            toast.done(
              t('settings.users.roleChanged', { name: u.name || u.email, role: t(`role.${u.role}`, u.role) }),
            );
            refresh();
          }}
        />
      )}
    </section>
  );
}

const ENDLESS = 'tenant-admin';
/** A role that is given until a day still counts on it. */
const endOf = (day: string) => new Date(`${day}T23:59:59`);
const given = (v: { role: string; until: string }) => ({
  role: v.role,
  ...(v.until && v.role !== ENDLESS ? { roleUntil: endOf(v.until).toISOString() } : {}),
});

/** The reader's day, as a date field has it. */
function dayOf(at: string) {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}
const over = (day: string) => day !== '' && endOf(day).getTime() <= Date.now();

function InviteDialog({ onClose, onInvited }: { onClose: () => void; onInvited: (u: UserView) => void }) {
  const { t } = useTranslation();
  const f = useForm({
    initial: { email: '', role: 'analyst', until: '' },
    check: (v) => ({
      ...(v.email.trim() ? {} : { email: t('settings.users.emailMissing') }),
      ...(over(v.until) ? { until: t('settings.users.untilWrong') } : {}),
    }),
    send: (v) => invite({ email: v.email.trim(), ...given(v) }),
    done: onInvited,
  });
  return (
    <Modal opened onClose={onClose} title={t('settings.users.invite')} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput label={t('settings.users.email')} type="email" data-autofocus {...f.field('email')} />
        <RoleSelect value={f.values.role} onChange={(role) => f.set('role', role)} />
        {f.values.role !== ENDLESS && (
          <TextInput
            type="date"
            label={t('settings.users.until')}
            description={t('settings.users.untilHint')}
            {...f.field('until')}
          />
        )}
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy}>
            {t('settings.users.inviteButton')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function RoleDialog({
  user,
  onClose,
  onChanged,
}: {
  user: UserView;
  onClose: () => void;
  onChanged: (u: UserView) => void;
}) {
  const { t } = useTranslation();
  const name = user.name || user.email;
  const before = user.roleUntil ? dayOf(user.roleUntil) : '';
  const f = useForm({
    initial: { role: user.role, until: before, clearance: String(user.clearance) },
    check: (v) => (over(v.until) ? { until: t('settings.users.untilWrong') } : {}),
    send: (v) => changeUser(user.id, { ...given(v), clearance: Number(v.clearance) }),
    done: onChanged,
  });
  return (
    <Modal opened onClose={onClose} title={t('settings.users.roleTitle', { name })} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <RoleSelect value={f.values.role} onChange={(role) => f.set('role', role)} />
        {f.values.role !== ENDLESS && (
          <TextInput
            type="date"
            label={t('settings.users.until')}
            description={t('settings.users.untilHint')}
            {...f.field('until')}
          />
        )}
        {user.state === 'active' && (
          <LevelSelect
            label={t('settings.users.clearance')}
            description={t('settings.users.clearanceHint')}
            value={f.values.clearance}
            word={(level) => t(`settings.users.level.${level}`)}
            onChange={(clearance) => f.set('clearance', clearance)}
          />
        )}
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button
            type="submit"
            loading={f.busy}
            disabled={
              f.values.role === user.role &&
              f.values.until === before &&
              f.values.clearance === String(user.clearance)
            }
          >
            {t('settings.users.roleButton', { name })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
