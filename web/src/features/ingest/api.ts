import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type { EventDetail, EventHistogram, EventView, UploadView } from '@/shared/client/types';
import { rangeOf, span } from './range';

export const FILTERS = ['range', 'from', 'to', 'q', 'class', 'host', 'user', 'source', 'event'] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

/** What the server is asked for; `now` fixes a stretch such as "last hour" for as long as its pages are read. */
const asked = (f: Filters, now: number) => ({
  ...span(rangeOf(f.range), f.from, f.to, now),
  q: f.q,
  classUid: f.class,
  host: f.host,
  user: f.user,
  source: f.source,
});
const withoutEvent = ({ event: _event, ...rest }: Filters) => rest;

type Cursor = { cursor: string; now: number } | null;
export const eventsQuery = (filters: Filters) =>
  infiniteQueryOptions({
    queryKey: ['events', 'list', withoutEvent(filters)],
    queryFn: async ({ pageParam, signal }) => {
      const now = pageParam?.now ?? Date.now();
      const query = { ...asked(filters, now), cursor: pageParam?.cursor, limit: 100 };
      return { ...(await http.page<EventView>('/events', { query, signal })), now };
    },
    initialPageParam: null as Cursor,
    getNextPageParam: (page): Cursor => (page.next ? { cursor: page.next, now: page.now } : null),
    placeholderData: keepPreviousData,
  });
export const histogramQuery = (filters: Filters) =>
  queryOptions({
    queryKey: ['events', 'histogram', withoutEvent(filters)],
    queryFn: ({ signal }) =>
      http.get<EventHistogram>('/events/histogram', { query: asked(filters, Date.now()), signal }),
    placeholderData: keepPreviousData,
  });
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) => http.get<EventDetail>(`/events/${id}`, { signal }),
  });

export const uploadsQuery = listQuery<UploadView>(['uploads'], '/uploads');
export const sendFile = (
  file: File,
  onProgress: (sent: number, total: number) => void,
  signal: AbortSignal,
) => http.upload<UploadView>('/uploads', file, { onProgress, signal });
