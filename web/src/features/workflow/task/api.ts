import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';

/** What waits for a person: `mine` for those that ask the reader by name or role. */
export const tasksQuery = (show: 'mine' | 'open' | 'over') =>
  listQuery(['tasks', 'list'], '/tasks', {
    state: show === 'over' ? 'over' : 'open',
    ...(show === 'mine' ? { mine: true } : {}),
  });
export const tasksOfRunQuery = (run: string) =>
  queryOptions({
    queryKey: ['tasks', 'run', run],
    queryFn: ({ signal }) => http.get('/tasks', { query: { run, limit: 200 }, signal }),
  });
export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ['tasks', 'one', id],
    queryFn: ({ signal }) => http.get(`/tasks/${id}`, { signal }),
  });
export const takeTask = (id: string) => http.post(`/tasks/${id}/take`);
export const giveTaskBack = (id: string) => http.post(`/tasks/${id}/give-back`);
export const doTask = (id: string, fields: Record<string, unknown>) =>
  http.post(`/tasks/${id}/done`, { fields });
export const refuseTask = (id: string, reason: string) => http.post(`/tasks/${id}/refuse`, { reason });
