import { type InfiniteData, queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type { IncidentState, IncidentView, LiveMessage, Page, Severity } from '@/shared/client/types';

export const FILTERS = ['state', 'severity', 'q'] as const;
export const STATES = [
  'new',
  'investigating',
  'containing',
  'resolved',
  'closed',
] as const satisfies readonly IncidentState[];

export const incidentsQuery = (filters: Partial<Record<(typeof FILTERS)[number], string>>) =>
  listQuery(['incidents', 'list'], '/incidents', filters);
export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incidents', 'one', id],
    queryFn: ({ signal }) => http.get(`/incidents/${id}`, { signal }),
  });
/** The incident's findings, for why each of them was raised. */
export const findingsOf = (incident: string) =>
  queryOptions({
    queryKey: ['findings', 'incident', incident],
    queryFn: ({ signal }) => http.get('/findings', { query: { incident, limit: 200 }, signal }),
  });
export const approvalsOf = (incident: string) =>
  queryOptions({
    queryKey: ['approvals', 'incident', incident],
    queryFn: async ({ signal }) => {
      const page = await http.get('/approvals', {
        query: { state: 'waiting', limit: 200 },
        signal,
      });
      return page.items.filter((a) => a.incidentId === incident);
    },
  });
export const usersQuery = queryOptions({
  queryKey: ['users', 'owners'],
  queryFn: ({ signal }) => http.get('/users', { query: { limit: 200 }, signal }),
  staleTime: 60_000,
});

export type Change = { state?: IncidentState; ownerId?: string | null; severity?: Severity };
export const changeIncident = (id: string, change: Change) => http.patch(`/incidents/${id}`, change);
export const addComment = (id: string, text: string) => http.post(`/incidents/${id}/comments`, { text });
export const addTask = (id: string, title: string) => http.post(`/incidents/${id}/tasks`, { title });
export const setTask = (id: string, task: string, state: 'open' | 'done') =>
  http.patch(`/incidents/${id}/tasks/${task}`, { state });

type Pages = InfiniteData<Page<IncidentView>, string | null>;

/** The rows of a loaded list with the live changes put in; a new incident waits for the list to be read again. */
export function patchRows(pages: Pages, messages: readonly LiveMessage[]): Pages {
  const changed = new Map<string, IncidentView>();
  for (const m of messages) if (m.type === 'incident.changed') changed.set(m.data.id, m.data);
  if (changed.size === 0) return pages;
  return {
    ...pages,
    pages: pages.pages.map((p) =>
      p.items.some((i) => changed.has(i.id))
        ? { ...p, items: p.items.map((i) => changed.get(i.id) ?? i) }
        : p,
    ),
  };
}
