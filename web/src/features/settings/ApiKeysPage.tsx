import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core';
import { IconKey, IconPlus, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import { useCan, useSession } from '@/shared/client/session';
import type { KeyView, NewKeyView } from '@/shared/client/types';
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
import { allKeysQuery, makeOwnKey, ownKeysQuery, revokeKey, revokeOwnKey } from './api';
import { MakeKey, NewKeyDialog } from './KeyDialogs';
import { scopesOf } from './keys';
import { ServiceAccounts } from './ServiceAccounts';
import css from './Settings.module.css';

type Whose = 'own' | 'all' | 'services';

/** Keys of programs: one's own, and for whoever manages people those of the company. */
export function ApiKeysPage() {
  const { t } = useTranslation();
  const manages = useCan('user:manage');
  const [whose, setWhose] = useState<Whose>('own');
  return (
    <section className={css.section} aria-label={t('settings.keys.title')}>
      {manages && (
        <div className={css.tools}>
          <SegmentedControl
            aria-label={t('settings.keys.view')}
            size="xs"
            value={whose}
            onChange={(v) => setWhose(v as Whose)}
            data={(['own', 'all', 'services'] as const).map((value) => ({
              value,
              label: t(`settings.keys.${value}`),
            }))}
          />
        </div>
      )}
      {whose === 'services' ? <ServiceAccounts /> : <Keys key={whose} whose={whose} />}
    </section>
  );
}

function Keys({ whose }: { whose: 'own' | 'all' }) {
  const { t } = useTranslation();
  const permissions = useSession().permissions;
  const queries = useQueryClient();
  const now = useNow(30_000);
  const own = whose === 'own';
  const list = useInfiniteQuery(own ? ownKeysQuery : allKeysQuery);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<NewKeyView | null>(null);

  const columns = useMemo<Column<KeyView>[]>(() => {
    const revoke = async (key: KeyView) => {
      const sure = await confirm({
        title: t('settings.keys.revokeTitle', { name: key.name }),
        text: t('settings.keys.revokeText'),
        action: t('settings.keys.revokeButton', { name: key.name }),
        destructive: true,
      });
      if (!sure) return;
      try {
        await (own ? revokeOwnKey(key.id) : revokeKey(key.id));
        toast.done(t('settings.keys.revoked', { name: key.name }));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: ['api-keys'] });
    };
    const owner: Column<KeyView> = {
      id: 'owner',
      header: t('settings.keys.owner'),
      width: 'minmax(140px, 1fr)',
      cell: (k) => (
        <span>
          {k.owner.name}
          {k.owner.kind === 'service-account' && (
            <span className={css.dim}> · {t('settings.keys.service')}</span>
          )}
        </span>
      ),
      sort: (k) => k.owner.name,
    };
    return [
      {
        id: 'name',
        header: t('settings.keys.name'),
        width: 'minmax(140px, 1fr)',
        cell: (k) => <b>{k.name}</b>,
        sort: (k) => k.name,
      },
      ...(own ? [] : [owner]),
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
        id: 'scopes',
        header: t('settings.keys.scopes'),
        width: 'minmax(170px, 1.2fr)',
        cell: (k) => (
          <Tooltip label={k.scopes.join(', ')} multiline maw={320}>
            <span className="mono">
              {k.scopes.length > 1
                ? t('settings.keys.scopesMore', { first: k.scopes[0], count: k.scopes.length - 1 })
                : k.scopes[0]}
            </span>
          </Tooltip>
        ),
      },
      {
        id: 'networks',
        header: t('settings.keys.from', { address: '' }).trim(),
        width: '140px',
        cell: (k) =>
          k.networks.length > 0 ? (
            <Tooltip label={k.networks.join(', ')} multiline maw={320}>
              <span className="mono">
                {k.networks[0]}
                {k.networks.length > 1 && ` +${k.networks.length - 1}`}
              </span>
            </Tooltip>
          ) : (
            <span className={css.dim}>{t('settings.keys.anywhere')}</span>
          ),
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
  }, [t, own, now, queries]);

  const add = own && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
      {t('settings.keys.make')}
    </Button>
  );
  return (
    <>
      <div className={css.tools}>
        <p>{t('settings.keys.text')}</p>
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
          label={t('settings.keys.title')}
          columns={columns}
          rows={rowsOf(list.data)}
          rowId={(k) => k.id}
          minWidth={own ? 960 : 1100}
          empty={
            <EmptyState
              icon={<IconKey size={22} stroke={1.5} />}
              title={t(own ? 'settings.keys.none' : 'settings.keys.noneAll')}
              text={t('settings.keys.noneText')}
              action={add}
            />
          }
          more={moreOf(list)}
        />
      )}
      {making && (
        <MakeKey
          possible={scopesOf(permissions)}
          send={makeOwnKey}
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false);
            setMade(key);
          }}
        />
      )}
      {made && <NewKeyDialog made={made} onClose={() => setMade(null)} />}
    </>
  );
}
