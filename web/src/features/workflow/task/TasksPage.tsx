import { ActionIcon, SegmentedControl } from '@mantine/core';
import { IconClipboardCheck, IconX } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import type { HumanTask } from '@/shared/client/types';
import { age, dateTime, dueIn } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useLiveTopic } from '@/shared/lib/useLive';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { useWords } from '../words';
import { tasksQuery } from './api';
import { TaskSheet } from './TaskSheet';

type Show = 'mine' | 'open' | 'over';

/** Work that runs wait for; one is read and done beside the list. */
export function TasksPage() {
  const t = useWords();
  const [show, setShow] = useState<Show>('mine');
  const [selected, setSelected] = useState<string | null>(null);
  const query = useInfiniteQuery(tasksQuery(show));
  useLiveTopic('tasks', { invalidates: [['tasks']] });
  const columns: Column<HumanTask>[] = [
    {
      id: 'state',
      header: t('tasks.state'),
      width: '104px',
      cell: (x) => <Status value={x.state === 'open' && x.overdue ? 'overdue' : x.state} />,
    },
    { id: 'title', header: t('tasks.what'), width: 'minmax(160px, 1fr)', main: true, cell: (x) => x.title },
    { id: 'workflow', header: t('tasks.workflow'), width: '150px', cell: (x) => x.workflowName },
    {
      id: 'assignee',
      header: t('tasks.assignee'),
      width: '132px',
      cell: (x) => x.doneBy ?? x.assigneeName ?? '–',
    },
    {
      id: 'sla',
      header: t('tasks.sla'),
      width: '112px',
      cell: (x) =>
        x.slaAt ? (
          <time className="num" dateTime={x.slaAt} title={dateTime(x.slaAt)}>
            {dueIn(x.slaAt)}
          </time>
        ) : (
          '–'
        ),
    },
    {
      id: 'age',
      header: t('tasks.age'),
      width: '44px',
      end: true,
      cell: (x) => (
        <time className="num" dateTime={x.requestedAt} title={dateTime(x.requestedAt)}>
          {age(x.requestedAt)}
        </time>
      ),
    },
  ];
  return (
    <div className={layout.page} data-detail={selected ? 'wide' : undefined}>
      <div className={layout.list}>
        <header className={layout.bar}>
          <h1>{t('tasks.title')}</h1>
          <span className={layout.space} />
          <SegmentedControl
            value={show}
            onChange={(v) => {
              setShow(v as Show);
              setSelected(null);
            }}
            data={[
              { value: 'mine', label: t('tasks.mine') },
              { value: 'open', label: t('tasks.open') },
              { value: 'over', label: t('tasks.over') },
            ]}
            aria-label={t('tasks.show')}
          />
        </header>
        {query.isError && (
          <ProblemNotice
            page={!query.data}
            problem={query.error}
            since={query.errorUpdatedAt}
            onRetry={() => void query.refetch()}
          />
        )}
        {query.isPending && <Loading />}
        {query.data && (
          <DataTable
            label={t('tasks.title')}
            columns={columns}
            rows={rowsOf(query.data)}
            rowId={(x) => x.id}
            selected={selected ?? undefined}
            onOpen={(x) => setSelected(x.id)}
            more={moreOf(query)}
            empty={
              <EmptyState
                icon={<IconClipboardCheck size={22} stroke={1.5} />}
                title={t('tasks.none')}
                text={t('tasks.noneText')}
              />
            }
          />
        )}
      </div>
      {selected && (
        <aside className={layout.panel} aria-label={t('tasks.detail')}>
          <ActionIcon
            className={layout.close}
            aria-label={t('tasks.close')}
            onClick={() => setSelected(null)}
          >
            <IconX size={16} />
          </ActionIcon>
          <TaskSheet key={selected} id={selected} />
        </aside>
      )}
    </div>
  );
}
