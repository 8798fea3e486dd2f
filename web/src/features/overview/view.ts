import type { OverviewRange, OverviewView } from '@/shared/client/types';
import { SEVERITIES } from '@/shared/lib/severity';

/** Nothing has ever come in: the page then says how to begin instead of drawing noughts. */
export const isFresh = (d: OverviewView): boolean =>
  d.events.total === 0 &&
  d.findings.total === 0 &&
  d.openIncidents.total === 0 &&
  d.runs.total === 0 &&
  d.sources.total === 0;

export type Change = { direction: 'up' | 'down' | 'same'; percent: number | null };
/** Change against the stretch before; no percentage of nought. */
export function change(now: number, before: number): Change {
  if (now === before) return { direction: 'same', percent: 0 };
  return {
    direction: now > before ? 'up' : 'down',
    percent: before === 0 ? null : Math.round((Math.abs(now - before) / before) * 100),
  };
}

type Counts = Record<(typeof SEVERITIES)[number], number>;
const any = (buckets: Counts[]) => buckets.some((b) => SEVERITIES.some((s) => b[s] > 0));

/**
 * What the chart opens with: the last seconds when something happens in them, else the range, so that a quiet minute does
 * not hide the day before it. Live too where neither has anything to show.
 */
export function firstMode(recent: Counts[] | undefined, d: Pick<OverviewView, 'findings'>): 'live' | 'range' {
  if (recent && any(recent)) return 'live';
  return any(d.findings.buckets) ? 'range' : 'live';
}

/** Totals of the buckets, squeezed to `points`, for the small line beside a figure. */
export function sparkline(buckets: OverviewView['findings']['buckets'], points = 12): number[] {
  const totals = buckets.map((b) => SEVERITIES.reduce((sum, s) => sum + b[s], 0));
  if (totals.length <= points) return totals;
  return Array.from({ length: points }, (_, i) => {
    const from = Math.floor((i * totals.length) / points);
    const to = Math.floor(((i + 1) * totals.length) / points);
    return totals.slice(from, to).reduce((a, b) => a + b, 0);
  });
}

/** Points of an SVG polyline in a box of 100 by 28. */
export function polyline(values: number[]): string {
  const max = Math.max(...values);
  const min = Math.min(...values);
  const step = values.length > 1 ? 100 / (values.length - 1) : 0;
  return values
    .map((v, i) => `${round(i * step)},${round(26 - ((v - min) / (max - min || 1)) * 22)}`)
    .join(' ');
}
const round = (n: number) => Math.round(n * 10) / 10;

const HOURS: Record<OverviewRange, number> = { '1h': 1, '24h': 24, '7d': 24 * 7, '30d': 24 * 30 };
/** When each of `count` equal slices of the range began, oldest first, the last one ending now. */
export function sliceStarts(range: OverviewRange, count: number, now: number): number[] {
  const width = (HOURS[range] * 3_600_000) / count;
  return Array.from({ length: count }, (_, i) => now - (count - i) * width);
}

/** How a moment is written on an axis of this range. */
export function axisLabel(at: number, range: OverviewRange): string {
  const options: Intl.DateTimeFormatOptions =
    range === '1h' || range === '24h'
      ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
      : { month: 'short', day: '2-digit' };
  return new Intl.DateTimeFormat('en', options).format(at);
}

/** `initial-access` or `initial_access` or `Initial Access` as "Initial access". */
export function tacticName(tactic: string): string {
  const words = tactic
    .replace(/^attack\./, '')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase();
  const name = words.charAt(0).toUpperCase() + words.slice(1);
  return name === 'Privilege escalation' ? 'Priv. escalation' : name;
}

/** Heat map rows: the busiest tactics, kept in the order the server gives (that of ATT&CK). */
export function heatRows(tactics: OverviewView['tactics'], rows = 8): OverviewView['tactics'] {
  if (tactics.length <= rows) return tactics;
  const total = (t: { buckets: number[] }) => t.buckets.reduce((a, b) => a + b, 0);
  const kept = new Set([...tactics].sort((a, b) => total(b) - total(a)).slice(0, rows));
  return tactics.filter((t) => kept.has(t));
}
