import { queryOptions } from '@tanstack/react-query';
import { inCustomer } from '@/shared/client/customer';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type { Definition, StepView } from '@/shared/client/types';

export const nodeTypesQuery = queryOptions({
  queryKey: ['node-types'],
  queryFn: ({ signal }) => http.get('/node-types', { signal }),
  staleTime: 300_000,
});
export const templatesQuery = queryOptions({
  queryKey: ['workflow-templates'],
  queryFn: ({ signal }) => http.get('/workflow-templates', { signal }),
});
export const workflowsQuery = listQuery(['workflows', 'list'], '/workflows');
export const readWorkflow = (id: string, signal?: AbortSignal) =>
  http.get(`/workflows/${id}`, signal ? { signal } : {});
/** Not fetched again by itself: the builder edits a copy of it, and a save says when it is out of date. */
export const workflowQuery = (id: string) =>
  queryOptions({
    queryKey: ['workflows', 'one', id],
    queryFn: ({ signal }) => readWorkflow(id, signal),
    refetchOnReconnect: false,
  });
export const createWorkflow = (from: { name: string } | { template: string }) =>
  http.post('/workflows', from);
export const importWorkflow = (text: string, format: 'yaml' | 'json') =>
  http.post('/workflows/import', { text, format });
export const exportLink = (id: string, format: 'yaml' | 'json') =>
  inCustomer(`/api/v1/workflows/${id}/export?format=${format}`);
export const saveDraft = (id: string, revision: number, draft: Definition) =>
  http.put(`/workflows/${id}/draft`, draft, { headers: { 'If-Match': String(revision) } });
export const validateDefinition = (definition: Definition, signal: AbortSignal) =>
  http.post('/workflows/validate', definition, { signal });
export const publishWorkflow = (id: string) => http.post(`/workflows/${id}/publish`);
/** The same key starts one run, however often it is sent. */
export const startRun = (id: string, input: Record<string, unknown>, key: string) =>
  http.post(`/workflows/${id}/runs`, { input }, { headers: { 'Idempotency-Key': key } });

export const runsQuery = (workflow?: string) => listQuery(['runs', 'list'], '/runs', { workflow });
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', 'one', id],
    queryFn: ({ signal }) => http.get(`/runs/${id}`, { signal }),
  });
export const settleStep = (
  run: string,
  step: StepView,
  outcome: 'happened' | 'did-not-happen',
  note: string,
) =>
  http.post(`/runs/${run}/steps/${encodeURIComponent(step.key)}/settle`, {
    epoch: step.epoch,
    outcome,
    note,
  });
export const previewQuery = (run: string, hash: string) =>
  queryOptions({
    queryKey: ['runs', 'payload', run, hash],
    queryFn: ({ signal }) => http.get(`/runs/${run}/payloads/${hash}/preview`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
export const payloadLink = (run: string, hash: string, kind: string) =>
  inCustomer(`/api/v1/runs/${run}/payloads/${hash}?kind=${kind}`);
