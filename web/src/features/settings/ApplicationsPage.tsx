import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { IconAppWindow, IconDots, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import type { ApplicationView, NewApplicationView } from '@/shared/client/types';
import { age, dateTime } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useNow } from '@/shared/lib/useNow';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { ApplicationMade, RegisterApplication, RenewSecret } from './ApplicationDialogs';
import { applicationsQuery, revokeApplication } from './api';
import css from './Settings.module.css';

/** Programs that the company registered to get access tokens. */
export function ApplicationsPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const now = useNow(30_000);
  const list = useInfiniteQuery(applicationsQuery);
  const [registering, setRegistering] = useState(false);
  const [renewing, setRenewing] = useState<ApplicationView | null>(null);
  const [made, setMade] = useState<NewApplicationView | null>(null);

  const columns = useMemo<Column<ApplicationView>[]>(() => {
    const revoke = async ({ id, name }: ApplicationView) => {
      const sure = await confirm({
        title: t('settings.applications.revokeTitle', { name }),
        text: t('settings.applications.revokeText'),
        action: t('settings.applications.revokeButton', { name }),
        destructive: true,
      });
      if (!sure) return;
      try {
        await revokeApplication(id);
        toast.done(t('settings.applications.revoked', { name }));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: applicationsQuery.queryKey });
    };
    return [
      {
        id: 'name',
        header: t('settings.applications.name'),
        width: 'minmax(140px, 1fr)',
        cell: (a) => <b>{a.name}</b>,
        sort: (a) => a.name,
      },
      {
        id: 'acts',
        header: t('settings.applications.acts'),
        width: 'minmax(150px, 1fr)',
        cell: (a) => a.serviceAccountName ?? t('settings.applications.people'),
        sort: (a) => a.serviceAccountName ?? '',
      },
      {
        id: 'id',
        header: t('settings.applications.id'),
        width: '300px',
        cell: (a) => <span className="mono">{a.id}</span>,
      },
      {
        id: 'state',
        header: t('settings.keys.state'),
        width: '126px',
        cell: (a) => <Status value={a.state} />,
        sort: (a) => a.state,
      },
      {
        id: 'scopes',
        header: t('settings.keys.scopes'),
        width: 'minmax(170px, 1.2fr)',
        cell: (a) => (
          <Tooltip label={a.scopes.join(', ')} multiline maw={320}>
            <span className="mono">
              {a.scopes.length > 1
                ? t('settings.keys.scopesMore', { first: a.scopes[0], count: a.scopes.length - 1 })
                : a.scopes[0]}
            </span>
          </Tooltip>
        ),
      },
      {
        id: 'last',
        header: t('settings.keys.last'),
        width: '88px',
        end: true,
        cell: (a) =>
          a.lastUsedAt ? (
            <Tooltip label={dateTime(a.lastUsedAt)}>
              <span className="num">{age(a.lastUsedAt, now)}</span>
            </Tooltip>
          ) : (
            <span className={css.dim}>{t('settings.never')}</span>
          ),
        sort: (a) => a.lastUsedAt ?? '',
      },
      {
        id: 'actions',
        header: '',
        width: '32px',
        cell: (a) =>
          a.state === 'revoked' ? null : (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon size={24} aria-label={t('settings.actionsOf', { name: a.name })}>
                  <IconDots size={15} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {a.kind === 'confidential' && (
                  <Menu.Item onClick={() => setRenewing(a)}>{t('settings.applications.renew')}</Menu.Item>
                )}
                <Menu.Item color="var(--st-failed)" onClick={() => void revoke(a)}>
                  {t('settings.applications.revoke')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          ),
      },
    ];
  }, [t, now, queries]);

  const add = (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setRegistering(true)}>
      {t('settings.applications.register')}
    </Button>
  );
  const done = (answer: NewApplicationView) => {
    void queries.invalidateQueries({ queryKey: applicationsQuery.queryKey });
    setRegistering(false);
    setRenewing(null);
    setMade(answer);
  };
  return (
    <section className={css.section} aria-label={t('settings.applications.title')}>
      <div className={css.tools}>
        <p>{t('settings.applications.text')}</p>
        {add}
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
          label={t('settings.applications.title')}
          columns={columns}
          rows={rowsOf(list.data)}
          rowId={(a) => a.id}
          minWidth={1100}
          empty={
            <EmptyState
              icon={<IconAppWindow size={22} stroke={1.5} />}
              title={t('settings.applications.none')}
              text={t('settings.applications.noneText')}
              action={add}
            />
          }
          more={moreOf(list)}
        />
      )}
      {registering && <RegisterApplication onClose={() => setRegistering(false)} onMade={done} />}
      {renewing && <RenewSecret application={renewing} onClose={() => setRenewing(null)} onMade={done} />}
      {made && <ApplicationMade made={made} onClose={() => setMade(null)} />}
    </section>
  );
}
