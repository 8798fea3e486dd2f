import { Button, FileButton, Select } from '@mantine/core';
import { IconFileImport, IconShieldSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { RuleView } from '@/shared/client/types';
import { age, dateTime, number } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useUrlFilters } from '@/shared/lib/urlFilters';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { FilterText } from '@/shared/ui/FilterText';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { Status } from '@/shared/ui/Status';
import { RULE_FILTERS, rulesQuery } from './api';
import { ImportResult } from './ImportResult';
import { RulePanel } from './RulePanel';
import { Sight, sightOf } from './Sight';
import { useImport } from './useImport';
import { Watching } from './Watching';
import { useWords } from './words';

const STATES = ['live', 'refused', 'disabled', 'quarantined'] as const;
const SIGHTS = ['live', 'blind'] as const;
const ACCEPT = '.zip,.yml,.yaml';

/** The rules of the tenant: what is loaded, what was refused and why, and the way to bring in more. */
export function RulesPage() {
  const t = useWords();
  const shared = useTranslation().t;
  const mayManage = useCan('rule:manage');
  const [filters, setFilters] = useUrlFilters(RULE_FILTERS);
  const query = useInfiniteQuery(rulesQuery(filters.state, filters.coverage, filters.q));
  const imports = useImport();
  const rows = rowsOf(query.data);
  const filtered = filters.state !== undefined || filters.coverage !== undefined || filters.q !== undefined;
  const columns: Column<RuleView>[] = [
    { id: 'state', header: t('state'), width: '116px', cell: (r) => <Status value={r.state} /> },
    { id: 'level', header: t('level'), width: '88px', cell: (r) => <Severity value={r.level} /> },
    {
      id: 'title',
      header: t('rule'),
      width: 'minmax(200px, 1fr)',
      main: true,
      cell: (r) => r.title || r.file,
    },
    {
      id: 'sight',
      header: t('sight'),
      width: '116px',
      cell: (r) => <Sight of={sightOf(r)} />,
    },
    {
      id: 'logsource',
      header: t('logsource'),
      width: 'minmax(120px, 0.5fr)',
      cell: (r) => <span className={`mono ${layout.dim}`}>{r.logsource || '–'}</span>,
    },
    { id: 'origin', header: t('origin'), width: '84px', cell: (r) => t(`originOf.${r.origin}`) },
    {
      id: 'hits',
      header: t('hits'),
      width: '64px',
      end: true,
      cell: (r) => <span className="num">{number(r.hits)}</span>,
    },
    {
      id: 'last',
      header: t('lastHit'),
      width: '72px',
      end: true,
      cell: (r) =>
        r.lastHitAt ? (
          <time className="num" dateTime={r.lastHitAt} title={dateTime(r.lastHitAt)}>
            {age(r.lastHitAt)}
          </time>
        ) : (
          '–'
        ),
    },
  ];
  const retry = () => void query.refetch();
  const importButton = mayManage && (
    <FileButton onChange={(file) => file && imports.start(file)} accept={ACCEPT}>
      {(props) => (
        <Button {...props} leftSection={<IconFileImport size={14} />} loading={imports.running}>
          {t('import')}
        </Button>
      )}
    </FileButton>
  );
  return (
    <div className={layout.page} data-detail={filters.rule ? 'wide' : undefined}>
      <div className={layout.list}>
        <header className={layout.bar}>
          <h1>{t('rules')}</h1>
          <span className={layout.space} />
          <FilterText
            label={t('filterRules')}
            value={filters.q ?? ''}
            onChange={(q) => setFilters({ q })}
            className={layout.filter}
          />
          <Select
            aria-label={t('state')}
            placeholder={t('anyState')}
            value={filters.state ?? null}
            clearable
            className={layout.choice}
            data={STATES.map((s) => ({ value: s, label: shared(`status.${s}`) }))}
            onChange={(v) => setFilters({ state: v ?? '' })}
          />
          <Select
            aria-label={t('sight')}
            placeholder={t('anySight')}
            value={filters.coverage ?? null}
            clearable
            className={layout.choice}
            data={SIGHTS.map((s) => ({ value: s, label: t(`sightOf.${s}`) }))}
            onChange={(v) => setFilters({ coverage: v ?? '' })}
          />
          {importButton}
        </header>
        <Watching onBlind={() => setFilters({ coverage: 'blind', state: '' })} />
        <ImportResult imports={imports} />
        {query.isError && query.data && (
          <ProblemNotice problem={query.error} since={query.errorUpdatedAt} onRetry={retry} />
        )}
        {query.data ? (
          <DataTable
            label={t('rules')}
            columns={columns}
            rows={rows}
            rowId={(r) => r.id}
            selected={filters.rule}
            onOpen={(r) => setFilters({ rule: r.id, event: '' })}
            more={moreOf(query)}
            minWidth={940}
            empty={
              <EmptyState
                icon={<IconShieldSearch size={22} stroke={1.5} />}
                title={t(filtered ? 'noRuleMatches' : 'noRules')}
                text={t(filtered ? 'noMatchText' : 'noRulesText')}
                action={
                  filtered ? (
                    <Button variant="default" onClick={() => setFilters({ state: '', coverage: '', q: '' })}>
                      {shared('ui.clearFilter')}
                    </Button>
                  ) : (
                    importButton
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
      {filters.rule && (
        <RulePanel
          key={filters.rule}
          id={filters.rule}
          event={filters.event}
          onEvent={(event) => setFilters({ event })}
          onClose={() => setFilters({ rule: '', event: '' })}
        />
      )}
    </div>
  );
}
