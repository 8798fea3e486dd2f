import { IconFlask } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import type { SimulatedEndpoint } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { useLiveTopic } from '@/shared/lib/useLive';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { endpointsQuery } from './api';
import css from './Settings.module.css';

export function SimulatorPage() {
  const { t } = useTranslation();
  const list = useInfiniteQuery(endpointsQuery);
  useLiveTopic('runs', { invalidates: [['simulator']] });
  const columns = useMemo<Column<SimulatedEndpoint>[]>(
    () => [
      {
        id: 'host',
        header: t('settings.simulator.host'),
        width: 'minmax(180px, 1fr)',
        cell: (e) => <span className="mono">{e.host}</span>,
        sort: (e) => e.host,
      },
      {
        id: 'state',
        header: t('settings.simulator.state'),
        width: '130px',
        cell: (e) => <Status value={e.state} />,
        sort: (e) => e.state,
      },
      {
        id: 'at',
        header: t('settings.simulator.at'),
        width: '190px',
        cell: (e) =>
          e.isolatedAt ? (
            <span className="num">{dateTime(e.isolatedAt)}</span>
          ) : (
            <span className={css.dim}>–</span>
          ),
        sort: (e) => e.isolatedAt ?? '',
      },
      {
        id: 'by',
        header: t('settings.simulator.by'),
        width: 'minmax(160px, 1fr)',
        cell: (e) => e.by ?? <span className={css.dim}>–</span>,
      },
    ],
    [t],
  );
  return (
    <section className={css.section} aria-label={t('settings.simulator.title')}>
      <div className={css.tools}>
        <span className={css.badge}>
          <IconFlask size={13} />
          {t('settings.simulator.badge')}
        </span>
        <p>{t('settings.simulator.text')}</p>
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
          label={t('settings.simulator.title')}
          columns={columns}
          rows={rowsOf(list.data)}
          rowId={(e) => e.host}
          minWidth={680}
          empty={
            <EmptyState
              icon={<IconFlask size={22} stroke={1.5} />}
              title={t('settings.simulator.none')}
              text={t('settings.simulator.noneText')}
            />
          }
          more={{
            has: list.hasNextPage,
            loading: list.isFetchingNextPage,
            load: () => void list.fetchNextPage(),
          }}
        />
      )}
    </section>
  );
}
