import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type { Answer } from '@/shared/client/routes';

export const FINDING_FILTERS = ['severity', 'incident', 'finding'] as const;
export const RULE_FILTERS = ['state', 'coverage', 'q', 'rule', 'event'] as const;

export const findingsQuery = (severity?: string, incident?: string) =>
  listQuery(['findings', 'list'], '/findings', { severity, incident });

export const summaryQuery = queryOptions({
  queryKey: ['rules', 'summary'],
  queryFn: ({ signal }) => http.get('/rules/summary', { signal }),
});
export const rulesQuery = (state?: string, coverage?: string, q?: string) =>
  listQuery(['rules', 'list'], '/rules', { state, coverage, q });
export const tallyQuery = queryOptions({
  queryKey: ['rules', 'correlation'],
  queryFn: ({ signal }) => http.get('/rules/correlation', { signal }),
});
export const explanationQuery = (rule: string, event: string) =>
  queryOptions({
    queryKey: ['rules', 'explanation', rule, event],
    queryFn: ({ signal }) => http.get(`/rules/${rule}/explanation`, { query: { event }, signal }),
  });
export const findingExplanationQuery = (finding: string) =>
  queryOptions({
    queryKey: ['findings', 'explanation', finding],
    queryFn: ({ signal }) => http.get(`/findings/${finding}/explanation`, { signal }),
  });
export const latestEventsQuery = queryOptions({
  queryKey: ['events', 'latest-to-explain'],
  queryFn: ({ signal }) => http.get('/events', { query: { limit: 20 }, signal }),
});
export const releaseRule = (id: string) => http.post(`/rules/${id}/release`);
export const ruleQuery = (id: string) =>
  queryOptions({
    queryKey: ['rules', 'one', id],
    queryFn: ({ signal }) => http.get(`/rules/${id}`, { signal }),
  });
export const importRules = (file: File, onProgress: (sent: number, total: number) => void) =>
  http.upload('/rules/import', file, { onProgress });
export const switchRule = (id: string, enabled: boolean) => http.patch(`/rules/${id}`, { enabled });
export type Explanation = Answer<'get', `/rules/${string}/explanation`>;
