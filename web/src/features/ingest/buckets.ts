import type { EventHistogram } from '@/shared/client/types';

/** No recording that this product reads is older. */
export const EARLIEST = Date.parse('2000-01-01T00:00:00Z');
const MOST = 1000;

/** The stretch that holds all events of a coarse look, when it is worth a closer one; null when it fills the stretch already. */
export function closer(h: EventHistogram, from: number, to: number): { from: number; to: number } | null {
  const first = h.buckets[0];
  const last = h.buckets.at(-1);
  if (!first || !last) return null;
  const start = Math.max(from, Date.parse(first.at));
  const end = Math.min(to, Date.parse(last.at) + h.seconds * 1000);
  return end - start < (to - from) / 2 && h.seconds > 1 ? { from: start, to: end } : null;
}

/** The server leaves out what is empty; a chart of time needs every bar in its place. */
export function filled(h: EventHistogram): EventHistogram {
  const width = h.seconds * 1000;
  const first = h.buckets[0];
  const last = h.buckets.at(-1);
  if (!first || !last || width <= 0) return h;
  const start = Date.parse(first.at);
  const count = Math.round((Date.parse(last.at) - start) / width) + 1;
  if (count > MOST) return h;
  const known = new Map(h.buckets.map((b) => [Math.round((Date.parse(b.at) - start) / width), b.count]));
  return {
    seconds: h.seconds,
    buckets: Array.from({ length: count }, (_, i) => ({
      at: new Date(start + i * width).toISOString(),
      count: known.get(i) ?? 0,
    })),
  };
}
