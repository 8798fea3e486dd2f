import { Button, SegmentedControl } from '@mantine/core';
import { IconDeviceDesktop } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import type { AssetView } from '@/shared/client/types';
import { age, dateShort, dateTime, number } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { toFilters, useUrlFilters } from '@/shared/lib/urlFilters';
import { useNow } from '@/shared/lib/useNow';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { FilterText } from '@/shared/ui/FilterText';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { ASSET_FILTERS, assetsQuery, SILENT_HOURS } from './api';
import { useWords } from './words';

const HOUR_MS = 3_600_000;

/** The machines that events name; which of them fell silent. One leads to its events. */
export function AssetsPage() {
  const t = useWords();
  const shared = useTranslation().t;
  const navigate = useNavigate();
  const now = useNow(60_000);
  const [filters, setFilters] = useUrlFilters(ASSET_FILTERS);
  const query = useInfiniteQuery({ ...assetsQuery(filters.q, filters.silent), refetchInterval: 60_000 });
  const rows = rowsOf(query.data);
  const filtered = filters.q !== undefined || filters.silent !== undefined;
  const columns: Column<AssetView>[] = [
    {
      id: 'name',
      header: t('name'),
      width: 'minmax(160px, 1fr)',
      main: true,
      cell: (a) => <span className="mono">{a.name}</span>,
    },
    {
      id: 'state',
      header: t('state'),
      width: '96px',
      cell: (a) => (
        <Status value={now - Date.parse(a.lastSeenAt) > SILENT_HOURS * HOUR_MS ? 'silent' : 'active'} />
      ),
    },
    { id: 'source', header: t('source'), width: 'minmax(120px, 0.6fr)', cell: (a) => a.source },
    {
      id: 'firstSeen',
      header: t('firstSeen'),
      width: '124px',
      end: true,
      cell: (a) => (
        <time className="num" dateTime={a.firstSeenAt} title={dateTime(a.firstSeenAt)}>
          {dateShort(a.firstSeenAt)}
        </time>
      ),
    },
    {
      id: 'lastSeen',
      header: t('lastSeen'),
      width: '124px',
      end: true,
      cell: (a) => (
        <time className="num" dateTime={a.lastSeenAt} title={dateTime(a.lastSeenAt)}>
          {age(a.lastSeenAt, now)}
        </time>
      ),
    },
  ];
  const retry = () => void query.refetch();
  return (
    <div className={layout.page}>
      <div className={layout.list}>
        <header className={layout.bar}>
          <h1>{t('title')}</h1>
          {query.data && (
            <span className={`num ${layout.dim}`}>
              {query.hasNextPage ? t('countMore', { count: number(rows.length) }) : number(rows.length)}
            </span>
          )}
          <span className={layout.space} />
          <FilterText
            label={t('filter')}
            value={filters.q ?? ''}
            onChange={(q) => setFilters({ q })}
            className={layout.filter}
          />
          <SegmentedControl
            aria-label={t('which')}
            value={filters.silent ? 'silent' : 'all'}
            data={[
              { value: 'all', label: t('all') },
              { value: 'silent', label: t('silent') },
            ]}
            onChange={(v) => setFilters({ silent: v === 'silent' ? 'yes' : '' })}
          />
        </header>
        {query.isError && query.data && (
          <ProblemNotice problem={query.error} since={query.errorUpdatedAt} onRetry={retry} />
        )}
        {query.data ? (
          <DataTable
            label={t('title')}
            columns={columns}
            rows={rows}
            rowId={(a) => a.id}
            onOpen={(a) => void navigate({ to: '/events', search: toFilters({ host: a.name }) })}
            more={moreOf(query)}
            minWidth={680}
            empty={
              <EmptyState
                icon={<IconDeviceDesktop size={22} stroke={1.5} />}
                title={t(filtered ? 'noMatch' : 'empty')}
                text={t(filtered ? 'noMatchText' : 'emptyText')}
                action={
                  filtered ? (
                    <Button variant="default" onClick={() => setFilters({ q: '', silent: '' })}>
                      {shared('ui.clearFilter')}
                    </Button>
                  ) : (
                    <Button variant="default" onClick={() => void navigate({ to: '/settings/sources' })}>
                      {t('toSources')}
                    </Button>
                  )
                }
              />
            }
          />
        ) : query.isError ? (
          <ProblemNotice page problem={query.error} since={query.errorUpdatedAt} onRetry={retry} />
        ) : (
          <Loading />
        )}
      </div>
    </div>
  );
}
