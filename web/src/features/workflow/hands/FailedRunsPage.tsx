import { Button, Select, TextInput } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { DeadLetterView } from '@/shared/client/types';
import { age, dateTime } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useLiveTopic } from '@/shared/lib/useLive';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { useWords } from '../words';
import { deadLettersQuery, type LetterState } from './api';
import { BulkDialog } from './BulkDialog';

const STATES: readonly LetterState[] = ['open', 'replaying', 'replayed', 'discarded'];

/** Runs that failed and that nobody has dealt with yet: taken up again or put away, many at once. */
export function FailedRunsPage() {
  const t = useWords();
  const navigate = useNavigate();
  const mayRun = useCan('workflow:run');
  const [state, setState] = useState<LetterState>('open');
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState<'replay' | 'discard' | null>(null);
  const query = useInfiniteQuery(deadLettersQuery(state, reason.trim()));
  useLiveTopic('runs', { invalidates: [['dead-letters']] });
  const rows = rowsOf(query.data);
  const columns: Column<DeadLetterView>[] = [
    {
      id: 'run',
      header: t('letters.run'),
      width: 'minmax(180px, 1fr)',
      main: true,
      cell: (l) => t('letters.runOf', { number: l.number, name: l.workflowName }),
    },
    { id: 'subject', header: t('letters.subject'), width: 'minmax(120px, 1fr)', cell: (l) => l.subject },
    {
      id: 'reason',
      header: t('letters.reason'),
      width: 'minmax(200px, 2fr)',
      cell: (l) => (
        <span title={l.reason}>
          {l.step ? t('letters.stepWhy', { step: l.stepName ?? l.step, why: l.reason }) : l.reason}
        </span>
      ),
    },
    {
      id: 'goesOn',
      header: t('letters.goesOn'),
      width: '110px',
      cell: (l) => (l.resumable ? t('letters.yes') : t('letters.no')),
    },
    {
      id: 'times',
      header: t('letters.times'),
      width: '72px',
      end: true,
      cell: (l) => <span className="num">{l.times}</span>,
    },
    state === 'open'
      ? {
          id: 'age',
          header: t('letters.age'),
          width: '64px',
          end: true,
          cell: (l) => (
            <time className="num" dateTime={l.failedAt} title={dateTime(l.failedAt)}>
              {age(l.failedAt)}
            </time>
          ),
        }
      : { id: 'by', header: t('letters.by'), width: '120px', cell: (l) => l.decidedBy ?? '–' },
  ];
  return (
    <div className={layout.page}>
      <div className={layout.list}>
        <header className={layout.bar}>
          <h1>{t('letters.title')}</h1>
          <TextInput
            className={layout.filter}
            aria-label={t('letters.filter')}
            placeholder={t('letters.filter')}
            value={reason}
            onChange={(e) => setReason(e.currentTarget.value)}
          />
          <Select
            className={layout.choice}
            aria-label={t('letters.show')}
            allowDeselect={false}
            value={state}
            data={STATES.map((s) => ({ value: s, label: t(`letters.state.${s}`) }))}
            onChange={(v) => setState(STATES.find((s) => s === v) ?? 'open')}
          />
          <span className={layout.space} />
          {mayRun && state === 'open' && rows.length > 0 && (
            <>
              <Button variant="default" onClick={() => setAsked('discard')}>
                {t('letters.discard')}
              </Button>
              <Button onClick={() => setAsked('replay')}>{t('letters.replay')}</Button>
            </>
          )}
        </header>
        {query.isError && query.data && (
          <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.data ? (
          <DataTable
            label={t('letters.title')}
            columns={columns}
            rows={rows}
            rowId={(l) => l.run}
            onOpen={(l) => void navigate({ to: '/runs/$runId', params: { runId: l.run } })}
            more={moreOf(query)}
            empty={
              <EmptyState
                icon={<IconChecks size={22} stroke={1.5} />}
                title={t(state === 'open' && !reason ? 'letters.none' : 'letters.noneSuch')}
                text={t('letters.noneText')}
              />
            }
          />
        ) : query.isError ? (
          <ProblemNotice
            page
            problem={query.error}
            since={query.errorUpdatedAt}
            onRetry={() => void query.refetch()}
          />
        ) : (
          <Loading />
        )}
      </div>
      {asked && (
        <BulkDialog
          what={asked}
          selection={reason.trim() ? { reason: reason.trim() } : {}}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}
