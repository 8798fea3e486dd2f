import { Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { RunView, WorkflowView } from '@/shared/client/types';
import { age, dateTime, duration } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useLiveTopic } from '@/shared/lib/useLive';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { runsQuery } from '../api';
import { useWords } from '../words';
import css from './RunsTab.module.css';

/** The runs of one workflow, newest first, kept up to date while on screen. */
export default function RunsTab({ workflow, onRun }: { workflow: WorkflowView; onRun: () => void }) {
  const t = useWords();
  const navigate = useNavigate();
  const mayRun = useCan('workflow:run');
  const query = useInfiniteQuery(runsQuery(workflow.id));
  useLiveTopic('runs', { invalidates: [['runs', 'list']] });
  const columns: Column<RunView>[] = [
    {
      id: 'state',
      header: t('runs.state'),
      width: '110px',
      cell: (r) => <Status value={r.state} />,
    },
    {
      id: 'number',
      header: t('runs.run'),
      width: '80px',
      cell: (r) => <span className="num">{r.number}</span>,
    },
    {
      id: 'subject',
      header: t('runs.subject'),
      width: 'minmax(180px, 1fr)',
      main: true,
      cell: (r) => r.subject || t('runs.noSubject'),
    },
    { id: 'by', header: t('runs.by'), width: '130px', cell: (r) => r.startedBy },
    {
      id: 'version',
      header: t('runs.version'),
      width: '70px',
      cell: (r) => <span className="num">v{r.version}</span>,
    },
    {
      id: 'steps',
      header: t('runs.steps'),
      width: '80px',
      end: true,
      cell: (r) => (
        <span className="num">
          {r.stepsDone}/{r.stepsTotal}
        </span>
      ),
    },
    {
      id: 'took',
      header: t('runs.took'),
      width: '90px',
      end: true,
      cell: (r) => (
        <span className="num">
          {r.endedAt ? duration(Date.parse(r.endedAt) - Date.parse(r.startedAt)) : '–'}
        </span>
      ),
    },
    {
      id: 'age',
      header: t('runs.started'),
      width: '64px',
      end: true,
      cell: (r) => (
        <time className="num" dateTime={r.startedAt} title={dateTime(r.startedAt)}>
          {age(r.startedAt)}
        </time>
      ),
    },
  ];
  if (query.isError && !query.data)
    return <ProblemNotice page problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  return (
    <div className={css.main}>
      {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
      <DataTable
        label={t('runs.of', { name: workflow.name })}
        columns={columns}
        rows={rowsOf(query.data)}
        rowId={(r) => r.id}
        onOpen={(r) => void navigate({ to: '/runs/$runId', params: { runId: r.id } })}
        more={moreOf(query)}
        empty={
          <EmptyState
            icon={<IconHistory size={22} stroke={1.5} />}
            title={t('runs.empty')}
            text={t('runs.emptyText')}
            action={
              mayRun && (
                <Button variant="default" onClick={onRun}>
                  {t('builder.run')}
                </Button>
              )
            }
          />
        }
      />
    </div>
  );
}
