import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';

export const standingQuery = (workflow: string) =>
  queryOptions({
    queryKey: ['workflows', 'review', workflow],
    queryFn: ({ signal }) => http.get(`/workflows/${workflow}/review`, { signal }),
  });
/** Newest first; the cursor is the last version of a page. */
export const versionsQuery = (workflow: string) =>
  infiniteQueryOptions({
    queryKey: ['workflows', 'versions', workflow],
    queryFn: ({ pageParam, signal }) =>
      http.get(`/workflows/${workflow}/versions`, { query: { cursor: pageParam ?? undefined }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => (page.next === null ? null : Number(page.next)),
  });
/** The draft where `to` is null. */
export const diffQuery = (workflow: string, from: number | null, to: number | null, revision: number) =>
  queryOptions({
    queryKey: ['workflows', 'diff', workflow, from, to, to === null ? revision : null],
    queryFn: ({ signal }) =>
      http.get(`/workflows/${workflow}/diff`, {
        query: { from: from ?? undefined, to: to ?? undefined },
        signal,
      }),
  });
export const readVersion = (workflow: string, version: number) =>
  http.get(`/workflows/${workflow}/versions/${version}`);
export const openReviewsQuery = listQuery(['workflows', 'reviews'], '/workflow-reviews', { open: true });
export const askReview = (workflow: string, revision: number, note: string) =>
  http.post(`/workflows/${workflow}/reviews`, { revision, note });
export const decideReview = (review: string, verdict: 'publish' | 'refuse', hash: string, comment: string) =>
  http.post(`/workflow-reviews/${review}/decision`, { verdict, hash, comment });
export const withdrawReview = (review: string) => http.post(`/workflow-reviews/${review}/withdraw`);
export const rulesQuery = queryOptions({
  queryKey: ['workflow-rules'],
  queryFn: ({ signal }) => http.get('/workflow-rules', { signal }),
});
export const setRules = (fourEyes: boolean) => http.put('/workflow-rules', { fourEyes });
export const restoreWorkflow = (workflow: string) => http.post(`/workflows/${workflow}/restore`);
/** What a move of the runs that go on in a version would come to. */
export const movesQuery = (workflow: string, from: number, to: number) =>
  infiniteQueryOptions({
    queryKey: ['workflows', 'moves', workflow, from, to],
    queryFn: ({ pageParam, signal }) =>
      http.post(
        `/workflows/${workflow}/moves/dry-run`,
        { from, to, runs: null, after: pageParam },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    gcTime: 0,
    staleTime: 0,
  });
export const moveRuns = (
  workflow: string,
  to: number,
  reason: string,
  runs: readonly { run: string; mark: string }[],
) =>
  http.post(`/workflows/${workflow}/moves`, {
    to,
    reason,
    runs: runs.map(({ run, mark }) => ({ run, mark })),
  });
