import { Button, Select } from '@mantine/core';
import { IconBug } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import type { FindingView } from '@/shared/client/types';
import { dateShort, dateTime, number } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { SEVERITIES } from '@/shared/lib/severity';
import { useUrlFilters } from '@/shared/lib/urlFilters';
import { useLiveTopic } from '@/shared/lib/useLive';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { FINDING_FILTERS, findingsQuery } from './api';
import { FindingPanel } from './FindingPanel';
import { useWords } from './words';

/** Every finding, newest first; one is read beside the list, with the fields that made its rule match. */
export function FindingsPage() {
  const t = useWords();
  const shared = useTranslation().t;
  const navigate = useNavigate();
  const [filters, setFilters] = useUrlFilters(FINDING_FILTERS);
  const query = useInfiniteQuery(findingsQuery(filters.severity, filters.incident));
  useLiveTopic('findings', { invalidates: [['findings', 'list']] });
  const rows = rowsOf(query.data);
  const selected = rows.find((f) => f.id === filters.finding);
  const filtered = filters.severity !== undefined || filters.incident !== undefined;
  const columns: Column<FindingView>[] = [
    { id: 'severity', header: t('severity'), width: '88px', cell: (f) => <Severity value={f.severity} /> },
    { id: 'title', header: t('finding'), width: 'minmax(150px, 1fr)', main: true, cell: (f) => f.title },
    {
      id: 'host',
      header: t('host'),
      width: '104px',
      cell: (f) => <span className="mono">{f.host ?? '–'}</span>,
    },
    {
      id: 'user',
      header: t('user'),
      width: '84px',
      cell: (f) => <span className="mono">{f.user ?? '–'}</span>,
    },
    {
      id: 'why',
      header: t('whyShort'),
      width: 'minmax(110px, 0.8fr)',
      cell: (f) => (
        <span className={`mono ${layout.dim}`}>{f.why[0] ? `${f.why[0].field}=${f.why[0].value}` : '–'}</span>
      ),
    },
    {
      id: 'occurred',
      header: t('occurred'),
      width: '108px',
      end: true,
      cell: (f) => (
        <time className="num" dateTime={f.occurredAt} title={dateTime(f.occurredAt)}>
          {dateShort(f.occurredAt)}
        </time>
      ),
    },
  ];
  const retry = () => void query.refetch();
  const unload = filters.finding !== undefined && query.data !== undefined && !selected;
  return (
    <div className={layout.page} data-detail={selected || unload ? 'wide' : undefined}>
      <div className={layout.list}>
        <header className={layout.bar}>
          <h1>{t('findings')}</h1>
          {query.data && (
            <span className={`num ${layout.dim}`}>
              {query.hasNextPage ? t('countMore', { count: number(rows.length) }) : number(rows.length)}
            </span>
          )}
          <span className={layout.space} />
          {filters.incident && (
            <Button variant="default" onClick={() => setFilters({ incident: '' })}>
              {t('ofIncident')}
            </Button>
          )}
          <Select
            aria-label={t('severity')}
            placeholder={t('anySeverity')}
            value={filters.severity ?? null}
            clearable
            className={layout.choice}
            data={SEVERITIES.map((s) => ({ value: s, label: shared(`severity.${s}`) }))}
            onChange={(v) => setFilters({ severity: v ?? '' })}
          />
        </header>
        {query.isError && query.data && (
          <ProblemNotice problem={query.error} since={query.errorUpdatedAt} onRetry={retry} />
        )}
        {query.data ? (
          <DataTable
            label={t('findings')}
            columns={columns}
            rows={rows}
            rowId={(f) => f.id}
            selected={filters.finding}
            onOpen={(f) => setFilters({ finding: f.id })}
            more={moreOf(query)}
            minWidth={740}
            empty={
              <EmptyState
                icon={<IconBug size={22} stroke={1.5} />}
                title={t(filtered ? 'noMatch' : 'noFindings')}
                text={t(filtered ? 'noMatchText' : 'noFindingsText')}
                action={
                  filtered ? (
                    <Button variant="default" onClick={() => setFilters({ severity: '', incident: '' })}>
                      {shared('ui.clearFilter')}
                    </Button>
                  ) : (
                    <Button variant="default" onClick={() => void navigate({ to: '/rules' })}>
                      {t('toRules')}
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
      {(selected || unload) && (
        <FindingPanel finding={selected} onClose={() => setFilters({ finding: '' })} />
      )}
    </div>
  );
}
