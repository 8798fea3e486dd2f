const HOUR = 3_600_000;

/** Stretches of time to look at; recordings of the past are found under `all`. */
export const RANGES = ['all', '1h', '24h', '7d', '30d', 'custom'] as const;
export type Range = (typeof RANGES)[number];
const LENGTH: Partial<Record<Range, number>> = {
  '1h': HOUR,
  '24h': 24 * HOUR,
  '7d': 168 * HOUR,
  '30d': 720 * HOUR,
};

export const rangeOf = (text: string | undefined): Range => RANGES.find((r) => r === text) ?? 'all';

/** From and to as the server wants them; a stretch up to now is counted back from `now`, and has no end. */
export function span(
  range: Range,
  from: string | undefined,
  to: string | undefined,
  now: number,
): { from?: string; to?: string } {
  if (range === 'custom')
    return {
      ...(from && !Number.isNaN(Date.parse(from)) ? { from: new Date(from).toISOString() } : {}),
      ...(to && !Number.isNaN(Date.parse(to)) ? { to: new Date(to).toISOString() } : {}),
    };
  const length = LENGTH[range];
  return length ? { from: new Date(now - length).toISOString() } : {};
}

/** `2026-11-21T10:30` in the reader's zone, as a date-time field shows it; empty for none. */
export function toField(at: string | undefined): string {
  if (!at) return '';
  const d = new Date(at);
  if (Number.isNaN(d.getTime())) return '';
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
