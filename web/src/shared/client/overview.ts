import { queryOptions } from '@tanstack/react-query';
import { http } from './http';
import type { OverviewRange } from './types';

/** Key figures of one stretch of time; the frame takes its badges from the same answer as the overview page. */
export const overviewQuery = (range: OverviewRange) =>
  queryOptions({
    queryKey: ['overview', range],
    queryFn: ({ signal }) => http.get('/overview', { query: { range }, signal }),
    placeholderData: (previous) => previous,
  });
