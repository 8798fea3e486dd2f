import { queryOptions } from '@tanstack/react-query';
import { http } from './http';

const EVERY_MS = 5 * 60_000;

/** Plan, usage and limits; who has no plans asks once and no more. */
export const billingQuery = queryOptions({
  queryKey: ['billing'],
  queryFn: ({ signal }) => http.get('/billing', { signal }),
  staleTime: 60_000,
  refetchInterval: (query) => (query.state.data?.enabled ? EVERY_MS : false),
});
