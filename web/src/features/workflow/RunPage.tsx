import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ReactFlowProvider } from '@xyflow/react';
import { useMemo } from 'react';
import type { RunDetail } from '@/shared/client/types';
import { useLiveTopic } from '@/shared/lib/useLive';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { nodeTypesQuery, runQuery } from './api';
import { applyRunMessages, isMoved } from './run/apply';
import { RunView } from './run/RunView';

/** One run, live: each step's change is put into the loaded run as it comes, and read again when messages were missed. */
export function RunPage() {
  const { runId } = useParams({ strict: false }) as { runId: string };
  const queries = useQueryClient();
  const run = useQuery(runQuery(runId));
  const types = useQuery(nodeTypesQuery);
  const catalogue = useMemo(() => new Map((types.data ?? []).map((t) => [t.type, t])), [types.data]);
  const { queryKey } = runQuery(runId);
  useLiveTopic(`run:${runId}`, {
    onMessages: (messages) => {
      const before = queries.getQueryData<RunDetail>(queryKey);
      queries.setQueryData<RunDetail>(queryKey, (old) => (old ? applyRunMessages(old, messages) : old));
      if (before && isMoved(before, messages)) void queries.invalidateQueries({ queryKey });
    },
    invalidates: [queryKey],
  });
  const failed = run.data && types.data ? null : run.error ? run : types.error ? types : null;
  if (failed)
    return (
      <ProblemNotice
        page
        problem={failed.error}
        since={failed.errorUpdatedAt}
        onRetry={() => void failed.refetch()}
      />
    );
  if (!run.data || !types.data) return <Loading />;
  return (
    <ReactFlowProvider key={run.data.id}>
      <RunView run={run.data} catalogue={catalogue} />
    </ReactFlowProvider>
  );
}
