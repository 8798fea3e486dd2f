import { Button } from '@mantine/core';
import { IconListSearch, IconUpload } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { EventView } from '@/shared/client/types';
import { dateTime, day, number } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { severityOf } from '@/shared/lib/severity';
import { useUrlFilters } from '@/shared/lib/urlFilters';
import { useLiveTopic } from '@/shared/lib/useLive';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { eventsQuery, FILTERS, type Filters, histogramQuery, keptQuery } from './api';
import { EventFilters } from './EventFilters';
import { EventPanel } from './EventPanel';
import css from './Events.module.css';
import { UploadPanel } from './UploadPanel';
import { useWords } from './words';

const Histogram = lazy(() => import('./Histogram'));
const NO_FILTER: Filters = { range: '', from: '', to: '', q: '', class: '', host: '', user: '', source: '' };

/** Everything that was received, searchable by time and text; one event is read beside the list. */
export function EventsPage() {
  const t = useWords();
  const shared = useTranslation().t;
  const mayUpload = useCan('event:ingest');
  const [filters, setFilters] = useUrlFilters(FILTERS);
  const queries = useQueryClient();
  const [uploading, setUploading] = useState(false);
  const query = useInfiniteQuery(eventsQuery(filters));
  const histogram = useQuery(histogramQuery(filters));
  const { data: since } = useQuery(keptQuery);
  const kept = since?.keptFrom
    ? t(since.byPlan ? 'kept.plan' : 'kept.server', { day: day(since.keptFrom), count: since.days ?? 0 })
    : '';
  useLiveTopic('uploads', {
    onMessages: (messages) => {
      if (!messages.some((m) => m.type === 'upload.changed' && m.data.state !== 'reading')) return;
      void queries.invalidateQueries({ queryKey: ['events', 'list'] });
      void queries.invalidateQueries({ queryKey: ['events', 'histogram'] });
    },
  });
  const rows = rowsOf(query.data);
  const filtered = Object.keys(filters).some((k) => k !== 'event');
  const columns: Column<EventView>[] = [
    {
      id: 'at',
      header: t('occurred'),
      width: '152px',
      cell: (e) => (
        <time className="num" dateTime={e.occurredAt}>
          {dateTime(e.occurredAt)}
        </time>
      ),
    },
    {
      id: 'severity',
      header: t('severity'),
      width: '84px',
      cell: (e) => <Severity value={severityOf(e.severityId)} />,
    },
    {
      id: 'class',
      header: t('class'),
      width: '176px',
      cell: (e) =>
        e.parsed ? `${e.className}: ${e.activity}` : <span className={layout.dim}>{t('unparsed')}</span>,
    },
    {
      id: 'message',
      header: t('message'),
      width: 'minmax(220px, 1fr)',
      main: true,
      cell: (e) => <span className="mono">{e.message || t('noMessage')}</span>,
    },
    {
      id: 'host',
      header: t('host'),
      width: '130px',
      cell: (e) => <span className="mono">{e.host ?? '–'}</span>,
    },
    {
      id: 'user',
      header: t('user'),
      width: '110px',
      cell: (e) => <span className="mono">{e.user ?? '–'}</span>,
    },
    { id: 'source', header: t('source'), width: '110px', cell: (e) => e.sourceName },
  ];
  const uploadButton = mayUpload && !uploading && (
    <Button
      leftSection={<IconUpload size={14} />}
      onClick={() => {
        setFilters({ event: '' });
        setUploading(true);
      }}
    >
      {t('upload')}
    </Button>
  );
  const retry = () => {
    void query.refetch();
    if (histogram.isError) void histogram.refetch();
  };
  const detail = filters.event ? 'event' : uploading ? 'upload' : undefined;
  return (
    <div className={layout.page} data-detail={detail && 'wide'}>
      <div className={layout.list}>
        <EventFilters filters={filters} onChange={setFilters} onClear={() => setFilters(NO_FILTER)}>
          {uploadButton}
        </EventFilters>
        {/* Nothing to draw where nothing is, and nothing to repeat where the list says why. */}
        {rows.length > 0 && (
          <section className={css.chart} aria-label={t('overTime')}>
            {histogram.isError ? (
              <ProblemNotice problem={histogram.error} onRetry={() => void histogram.refetch()} />
            ) : (
              <Suspense fallback={null}>{histogram.data && <Histogram data={histogram.data} />}</Suspense>
            )}
          </section>
        )}
        {query.isError && query.data && (
          <ProblemNotice problem={query.error} since={query.errorUpdatedAt} onRetry={retry} />
        )}
        {query.data ? (
          <DataTable
            label={t('title')}
            columns={columns}
            rows={rows}
            rowId={(e) => e.id}
            selected={filters.event}
            onOpen={(e) => setFilters({ event: e.id })}
            more={moreOf(query)}
            minWidth={1080}
            empty={
              <EmptyState
                icon={<IconListSearch size={22} stroke={1.5} />}
                title={t(filtered ? 'noMatch' : 'empty')}
                text={`${t(filtered ? 'noMatchText' : 'emptyText')} ${filtered ? kept : ''}`.trim()}
                action={
                  filtered ? (
                    <Button variant="default" onClick={() => setFilters(NO_FILTER)}>
                      {shared('ui.clearFilter')}
                    </Button>
                  ) : (
                    uploadButton
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
        {query.data && rows.length > 0 && (
          <p className={`num ${css.foot}`}>
            {query.hasNextPage
              ? t('shownMore', { count: number(rows.length) })
              : t('shown', { count: number(rows.length) })}
            {!query.hasNextPage && kept && `. ${kept}`}
          </p>
        )}
      </div>
      {filters.event ? (
        <EventPanel key={filters.event} id={filters.event} onClose={() => setFilters({ event: '' })} />
      ) : (
        uploading && (
          <UploadPanel onClose={() => setUploading(false)} onShowAll={() => setFilters(NO_FILTER)} />
        )
      )}
    </div>
  );
}
