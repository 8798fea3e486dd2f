import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type { EventHistogram } from '@/shared/client/types';
import { closer, EARLIEST, filled } from './buckets';
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
      return { ...(await http.get('/events', { query, signal })), now };
    },
    initialPageParam: null as Cursor,
    getNextPageParam: (page): Cursor => (page.next ? { cursor: page.next, now: page.now } : null),
    placeholderData: keepPreviousData,
  });
const LOOKS = 4;

/**
 * Events over time. Where no start is given, the server's answer would cover one day only: a coarse look at all time
 * finds where the events are, and closer ones follow until they fill the chart.
 */
async function readHistogram(filters: Filters, signal: AbortSignal): Promise<EventHistogram> {
  const query = asked(filters, Date.now());
  const read = (from: number, to: number) =>
    http.get('/events/histogram', {
      query: { ...query, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      signal,
    });
  let from = query.from ? Date.parse(query.from) : EARLIEST;
  let to = query.to ? Date.parse(query.to) : Date.now();
  let seen = await read(from, to);
  for (let look = 1; look < LOOKS && !query.from; look++) {
    const next = closer(seen, from, to);
    if (!next) break;
    ({ from, to } = next);
    seen = await read(from, to);
  }
  return filled(seen);
}
export const histogramQuery = (filters: Filters) =>
  queryOptions({
    queryKey: ['events', 'histogram', withoutEvent(filters)],
    queryFn: ({ signal }) => readHistogram(filters, signal),
    placeholderData: keepPreviousData,
  });
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) => http.get(`/events/${id}`, { signal }),
  });

/** Since when events are kept; it changes with the day. */
export const keptQuery = queryOptions({
  queryKey: ['events', 'kept'],
  queryFn: ({ signal }) => http.get('/events/kept', { signal }),
  staleTime: 10 * 60_000,
});

export const uploadsQuery = listQuery(['uploads'], '/uploads');
export const sendFile = (
  file: File,
  onProgress: (sent: number, total: number) => void,
  signal: AbortSignal,
) => http.upload('/uploads', file, { onProgress, signal });
