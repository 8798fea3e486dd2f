import { Button } from '@mantine/core';
import { IconPlus, IconRouteSquare } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { WorkflowView } from '@/shared/client/types';
import { age, dateTime, number } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useLiveTopic } from '@/shared/lib/useLive';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { workflowsQuery } from './api';
import { CreateDialog } from './list/CreateDialog';
import { OpenReviews } from './versions/OpenReviews';
import { useWords } from './words';

export function WorkflowsPage() {
  const t = useWords();
  const navigate = useNavigate();
  const mayWrite = useCan('workflow:write');
  const [creating, setCreating] = useState(false);
  const query = useInfiniteQuery(workflowsQuery);
  useLiveTopic('runs', { invalidates: [workflowsQuery.queryKey] });
  const columns: Column<WorkflowView>[] = [
    { id: 'state', header: t('list.state'), width: '110px', cell: (w) => <Status value={w.state} /> },
    {
      id: 'name',
      header: t('list.name'),
      width: 'minmax(200px, 1fr)',
      main: true,
      cell: (w) => w.name,
      sort: (w) => w.name,
    },
    {
      id: 'version',
      header: t('list.version'),
      width: '150px',
      cell: (w) =>
        w.version === null
          ? t('builder.neverPublished')
          : w.draftChanged
            ? t('builder.versionChanged', { version: w.version })
            : t('builder.version', { version: w.version }),
    },
    { id: 'by', header: t('list.changedBy'), width: '140px', cell: (w) => w.updatedBy },
    {
      id: 'age',
      header: t('list.changed'),
      width: '72px',
      end: true,
      cell: (w) => (
        <time className="num" dateTime={w.updatedAt} title={dateTime(w.updatedAt)}>
          {age(w.updatedAt)}
        </time>
      ),
      sort: (w) => w.updatedAt,
    },
    {
      id: 'runs',
      header: t('list.runs'),
      width: '70px',
      end: true,
      cell: (w) => <span className="num">{number(w.runs)}</span>,
      sort: (w) => w.runs,
    },
    {
      id: 'last',
      header: t('list.lastRun'),
      width: '80px',
      end: true,
      cell: (w) =>
        w.lastRunAt ? (
          <time className="num" dateTime={w.lastRunAt} title={dateTime(w.lastRunAt)}>
            {age(w.lastRunAt)}
          </time>
        ) : (
          '–'
        ),
    },
  ];
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)}>
      {t('list.create')}
    </Button>
  );
  const rows = rowsOf(query.data);
  return (
    <div className={layout.page}>
      <div className={layout.list}>
        <header className={layout.bar}>
          <h1>{t('list.title')}</h1>
          <span className={layout.space} />
          {create}
        </header>
        <OpenReviews />
        {query.isError && query.data && (
          <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.data ? (
          <DataTable
            label={t('list.title')}
            columns={columns}
            rows={rows}
            rowId={(w) => w.id}
            onOpen={(w) => void navigate({ to: '/workflows/$workflowId', params: { workflowId: w.id } })}
            more={moreOf(query)}
            empty={
              <EmptyState
                icon={<IconRouteSquare size={22} stroke={1.5} />}
                title={t('list.empty')}
                text={t('list.emptyText')}
                action={create}
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
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </div>
  );
}
