import { create } from 'zustand';
import type { OverviewTick, Severity } from '@/shared/client/types';
import { SEVERITIES } from './severity';

export type Tick = { t: number } & Record<Severity, number>;
export const WINDOW = 90;
const SECOND = 1000;

/** The last 90 seconds, empty; a chart that begins with its full width does not jump. */
export const emptyWindow = (now: number): Tick[] => {
  const end = Math.floor(now / SECOND) * SECOND;
  return Array.from({ length: WINDOW }, (_, i) => zero(end - (WINDOW - 1 - i) * SECOND));
};
const zero = (t: number): Tick => ({ t, critical: 0, high: 0, medium: 0, low: 0, info: 0 });

/** Adds one tick a second; seconds without a tick stay nought and two ticks of one second add up. */
export function addTicks(window: Tick[], ticks: OverviewTick[], now: number): Tick[] {
  const end = Math.floor(now / SECOND) * SECOND;
  const byTime = new Map(window.map((k) => [k.t, k]));
  ticks.forEach((tick, i) => {
    const t = end - (ticks.length - 1 - i) * SECOND;
    const was = byTime.get(t) ?? zero(t);
    const sum = { ...was };
    for (const s of SEVERITIES) sum[s] = was[s] + (tick.findings[s] ?? 0);
    byTime.set(t, sum);
  });
  return Array.from({ length: WINDOW }, (_, i) => {
    const t = end - (WINDOW - 1 - i) * SECOND;
    return byTime.get(t) ?? zero(t);
  });
}

/**
 * Puts in what the server counted, one a second up to now. Its clock may differ from ours, so the last one is our present
 * second; where both tell of one, the greater is whole.
 */
export function seedWindow(window: Tick[], known: Record<Severity, number>[], now: number): Tick[] {
  const end = Math.floor(now / SECOND) * SECOND;
  return addTicks(window, [], now).map((tick) => {
    const k = known[known.length - 1 - (end - tick.t) / SECOND];
    if (!k) return tick;
    const sum = { ...tick };
    for (const s of SEVERITIES) sum[s] = Math.max(tick[s], k[s]);
    return sum;
  });
}

type Ticks = {
  window: Tick[];
  perSecond: number | null;
  add: (ticks: OverviewTick[], now: number) => void;
  seed: (known: Record<Severity, number>[], now: number) => void;
};

/** What the live connection told, kept here so that a change of page does not lose it. */
export const useTicks = create<Ticks>((set) => ({
  window: emptyWindow(Date.now()),
  perSecond: null,
  add: (ticks, now) =>
    set((s) => ({
      window: addTicks(s.window, ticks, now),
      perSecond: ticks.at(-1)?.eventsPerSecond ?? s.perSecond,
    })),
  seed: (known, now) => set((s) => ({ window: seedWindow(s.window, known, now) })),
}));
