import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';

export const insightsQuery = (workflow: string, days: number) =>
  queryOptions({
    queryKey: ['workflows', 'insights', workflow, days],
    queryFn: ({ signal }) => http.get(`/workflows/${workflow}/insights`, { query: { days }, signal }),
  });
export const overallQuery = (days: number) =>
  queryOptions({
    queryKey: ['workflow-insights', days],
    queryFn: ({ signal }) => http.get('/workflow-insights', { query: { days }, signal }),
  });
