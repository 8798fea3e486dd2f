import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconDeviceDesktop, IconTag } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
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
import { toast } from '@/shared/ui/toast';
import { ASSET_FILTERS, assetsQuery, SILENT_HOURS, WHICH } from './api';
import { MarkDialog } from './MarkDialog';
import { useWords } from './words';

const HOUR_MS = 3_600_000;

/** The machines that events name; which of them fell silent. One leads to its events. */
export function AssetsPage() {
  const t = useWords();
  const shared = useTranslation().t;
  const navigate = useNavigate();
  const now = useNow(60_000);
  const [filters, setFilters] = useUrlFilters(ASSET_FILTERS);
  const may = useCan('settings:manage');
  const [marking, setMarking] = useState<AssetView | null>(null);
  const query = useInfiniteQuery({ ...assetsQuery(filters.q, filters.which), refetchInterval: 60_000 });
  const rows = rowsOf(query.data);
  const filtered = filters.q !== undefined || filters.which !== undefined;
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
    {
      id: 'criticality',
      header: t('criticality'),
      width: '96px',
      cell: (a) => (a.criticality === null ? '' : t(`level.${a.criticality}`)),
    },
    {
      id: 'classification',
      header: t('classification'),
      width: '112px',
      cell: (a) => (a.classification === 0 ? '' : t(`holds.${a.classification}`)),
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
  if (may)
    columns.push({
      id: 'mark',
      header: '',
      width: '32px',
      cell: (a) => (
        <ActionIcon
          size={24}
          aria-label={t('markTitle', { name: a.name })}
          onClick={(e) => {
            e.stopPropagation();
            setMarking(a);
          }}
        >
          <IconTag size={15} stroke={1.5} />
        </ActionIcon>
      ),
    });
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
            value={filters.which ?? 'all'}
            data={WHICH.map((value) => ({ value, label: t(value) }))}
            onChange={(v) => setFilters({ which: v === 'all' ? '' : v })}
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
            minWidth={880}
            empty={
              <EmptyState
                icon={<IconDeviceDesktop size={22} stroke={1.5} />}
                title={t(filtered ? 'noMatch' : 'empty')}
                text={t(filtered ? 'noMatchText' : 'emptyText')}
                action={
                  filtered ? (
                    <Button variant="default" onClick={() => setFilters({ q: '', which: '' })}>
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
      {marking && (
        <MarkDialog
          asset={marking}
          onClose={() => setMarking(null)}
          onMarked={() => {
            toast.done(t('marked_done', { name: marking.name }));
            setMarking(null);
            retry();
          }}
        />
      )}
    </div>
  );
}
