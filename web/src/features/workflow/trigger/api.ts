import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import type { RunLimitsChange } from '@/shared/client/types';

export const triggersQuery = (workflow: string) =>
  queryOptions({
    queryKey: ['workflows', 'triggers', workflow],
    queryFn: ({ signal }) => http.get(`/workflows/${workflow}/triggers`, { signal }),
  });
export const limitsQuery = (workflow: string) =>
  queryOptions({
    queryKey: ['workflows', 'limits', workflow],
    queryFn: ({ signal }) => http.get(`/workflows/${workflow}/limits`, { signal }),
  });
export const enableTrigger = (workflow: string, node: string, enabled: boolean) =>
  http.patch(`/workflows/${workflow}/triggers/${node}`, { enabled });
export const newSecret = (workflow: string, node: string) =>
  http.post(`/workflows/${workflow}/triggers/${node}/secret`);
export const setLimits = (workflow: string, limits: RunLimitsChange) =>
  http.put(`/workflows/${workflow}/limits`, limits);
/** Nothing starts it any more; publishing brings it back. */
export const archiveWorkflow = (workflow: string) => http.post(`/workflows/${workflow}/archive`);
