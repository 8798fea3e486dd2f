import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';

export const FINDING_FILTERS = ['severity', 'incident', 'finding'] as const;
export const RULE_FILTERS = ['state', 'q', 'rule'] as const;

export const findingsQuery = (severity?: string, incident?: string) =>
  listQuery(['findings', 'list'], '/findings', { severity, incident });

export const summaryQuery = queryOptions({
  queryKey: ['rules', 'summary'],
  queryFn: ({ signal }) => http.get('/rules/summary', { signal }),
});
export const rulesQuery = (state?: string, q?: string) =>
  listQuery(['rules', 'list'], '/rules', { state, q });
export const ruleQuery = (id: string) =>
  queryOptions({
    queryKey: ['rules', 'one', id],
    queryFn: ({ signal }) => http.get(`/rules/${id}`, { signal }),
  });
export const importRules = (file: File, onProgress: (sent: number, total: number) => void) =>
  http.upload('/rules/import', file, { onProgress });
export const switchRule = (id: string, enabled: boolean) => http.patch(`/rules/${id}`, { enabled });
