import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';

/** Live runs change by themselves. */
export const companyLimitQuery = queryOptions({
  queryKey: ['run-limits'],
  queryFn: ({ signal }) => http.get('/run-limits', { signal }),
  refetchInterval: 10_000,
});
/** Null takes the limit away. */
export const setCompanyLimit = (most: number | null) => http.put('/run-limits', { most });
