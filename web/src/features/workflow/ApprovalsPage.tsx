import { ActionIcon, SegmentedControl } from '@mantine/core';
import { IconUserCheck, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { approvalQuery, approvalsQuery } from '@/shared/client/approvals';
import { rowsOf } from '@/shared/client/query';
import type { ApprovalView } from '@/shared/client/types';
import { age, dateTime, dueIn } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useLiveTopic } from '@/shared/lib/useLive';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { ApprovalDetail } from './approval/ApprovalDetail';
import { LendVote } from './approval/LendVote';
import { useWords } from './words';

/** What waits for somebody's word, and what was decided; one is read and decided beside the list. */
export function ApprovalsPage() {
  const t = useWords();
  const shared = useTranslation().t;
  const [state, setState] = useState<'waiting' | 'decided'>('waiting');
  const [selected, setSelected] = useState<ApprovalView | null>(null);
  const query = useInfiniteQuery(approvalsQuery(state));
  useLiveTopic('approvals', { invalidates: [['approvals']] });
  const rows = rowsOf(query.data);
  // A decided one leaves the waiting list; it stays readable beside it, as it is now, until another is opened.
  const now = useQuery({ ...approvalQuery(selected?.id ?? ''), enabled: selected !== null });
  const shown = selected && (now.data ?? rows.find((a) => a.id === selected.id) ?? selected);
  const columns: Column<ApprovalView>[] = [
    { id: 'state', header: t('approvals.state'), width: '96px', cell: (a) => <Status value={a.state} /> },
    {
      id: 'title',
      header: t('approvals.what'),
      width: 'minmax(150px, 1fr)',
      main: true,
      cell: (a) => a.title,
    },
    {
      id: 'target',
      header: t('approval.target'),
      width: '110px',
      cell: (a) => <span className="mono">{a.target ?? '–'}</span>,
    },
    { id: 'workflow', header: t('approvals.workflow'), width: '132px', cell: (a) => a.workflowName },
    {
      id: 'role',
      header: t('approval.role'),
      width: '120px',
      cell: (a) =>
        a.stages > 1
          ? t('asks.progressStage', { ...a, stage: a.stage + 1 })
          : a.need > 1
            ? t('asks.progress', { have: a.have, need: a.need })
            : shared(`role.${a.role}`, a.role),
    },
    state === 'waiting'
      ? {
          id: 'due',
          header: t('approval.due'),
          width: '112px',
          cell: (a) =>
            a.dueAt ? (
              <time className="num" dateTime={a.dueAt} title={dateTime(a.dueAt)}>
                {dueIn(a.dueAt)}
              </time>
            ) : (
              t('approvals.noLimit')
            ),
        }
      : { id: 'by', header: t('approvals.by'), width: '112px', cell: (a) => a.decidedBy ?? '–' },
    {
      id: 'age',
      header: t('approvals.age'),
      width: '44px',
      end: true,
      cell: (a) => (
        <time className="num" dateTime={a.requestedAt} title={dateTime(a.requestedAt)}>
          {age(a.requestedAt)}
        </time>
      ),
    },
  ];
  return (
    <div className={layout.page} data-detail={shown ? true : undefined}>
      <div className={layout.list}>
        <header className={layout.bar}>
          <h1>{t('approvals.title')}</h1>
          <span className={layout.space} />
          <LendVote />
          <SegmentedControl
            value={state}
            onChange={(v) => {
              setState(v === 'decided' ? 'decided' : 'waiting');
              setSelected(null);
            }}
            data={[
              { value: 'waiting', label: t('approvals.waiting') },
              { value: 'decided', label: t('approvals.decided') },
            ]}
            aria-label={t('approvals.show')}
          />
        </header>
        {query.isError && query.data && (
          <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.data ? (
          <DataTable
            label={t('approvals.title')}
            columns={columns}
            rows={rows}
            rowId={(a) => a.id}
            selected={shown?.id}
            onOpen={setSelected}
            more={moreOf(query)}
            empty={
              <EmptyState
                icon={<IconUserCheck size={22} stroke={1.5} />}
                title={t(state === 'waiting' ? 'approvals.noneWaiting' : 'approvals.noneDecided')}
                text={t(state === 'waiting' ? 'approvals.noneWaitingText' : 'approvals.noneDecidedText')}
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
      {shown && (
        <aside className={layout.panel} aria-label={t('approvals.detail')}>
          <ActionIcon
            className={layout.close}
            aria-label={t('approvals.close')}
            onClick={() => setSelected(null)}
          >
            <IconX size={16} />
          </ActionIcon>
          <ApprovalDetail key={shown.id} approval={shown} />
        </aside>
      )}
    </div>
  );
}
