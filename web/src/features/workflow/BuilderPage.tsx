import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ReactFlowProvider } from '@xyflow/react';
import { useMemo } from 'react';
import type { NodeTypeView } from '@/shared/client/types';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { nodeTypesQuery, workflowQuery } from './api';
import { Builder } from './builder/Builder';

const catalogueOf = (types: readonly NodeTypeView[]) => new Map(types.map((t) => [t.type, t]));

/** Loads a workflow with the node types it may be made of, then opens it in the builder. */
export function BuilderPage() {
  const { workflowId } = useParams({ strict: false }) as { workflowId: string };
  const workflow = useQuery(workflowQuery(workflowId));
  const types = useQuery(nodeTypesQuery);
  const catalogue = useMemo(() => catalogueOf(types.data ?? []), [types.data]);
  const failed = workflow.data && types.data ? null : workflow.error ? workflow : types.error ? types : null;
  if (failed)
    return (
      <ProblemNotice
        page
        problem={failed.error}
        since={failed.errorUpdatedAt}
        onRetry={() => void failed.refetch()}
      />
    );
  if (!workflow.data || !types.data) return <Loading />;
  return (
    <ReactFlowProvider key={workflow.data.id}>
      <Builder workflow={workflow.data} types={types.data} catalogue={catalogue} />
    </ReactFlowProvider>
  );
}
