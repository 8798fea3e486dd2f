import type { RunMove, StepView } from '@/shared/client/types';

export type Bar = { key: string; left: number; width: number; ms: number };

/** How long a step took, or has taken so far; null before it started. */
export function elapsed(step: Pick<StepView, 'startedAt' | 'endedAt'>, now: number): number | null {
  if (!step.startedAt) return null;
  const end = step.endedAt ? Date.parse(step.endedAt) : now;
  return Math.max(0, end - Date.parse(step.startedAt));
}

const WIDEST = 92;
const NARROWEST = 0.8;

/**
 * Each started step's place on the run's track, in per cent, in order of start. Widths follow the square root of the
 * duration, so that a 40 ms step stays visible beside a 4 minute approval.
 */
export function bars(steps: readonly StepView[], now: number): Bar[] {
  const started = steps
    .filter((s) => s.startedAt && s.state !== 'skipped')
    .sort((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));
  const roots = started.map((s) => Math.sqrt(elapsed(s, now) ?? 0));
  const total = roots.reduce((a, b) => a + b, 0) || 1;
  let at = 0;
  return started.map((s, i) => {
    const width = ((roots[i] ?? 0) / total) * WIDEST;
    const bar = { key: s.key, left: at, width: Math.max(width, NARROWEST), ms: elapsed(s, now) ?? 0 };
    at += width;
    return bar;
  });
}

/** A move to another version on the run's track: behind how many bars, and at which per cent of the track. */
export type MoveMark = { move: RunMove; behind: number; left: number };

/** Where among the bars each move was: behind the steps that had begun by then, as far along the latest of them. */
export function moveMarks(
  moves: readonly RunMove[],
  rows: readonly Bar[],
  steps: readonly StepView[],
): MoveMark[] {
  const begins = new Map(steps.map((s) => [s.key, Date.parse(s.startedAt ?? '')]));
  return moves.map((move) => {
    const at = Date.parse(move.at);
    const behind = rows.filter((r) => (begins.get(r.key) ?? 0) <= at).length;
    const last = rows[behind - 1];
    if (!last) return { move, behind, left: 0 };
    const into = last.ms > 0 ? Math.sqrt(Math.min(1, (at - (begins.get(last.key) ?? 0)) / last.ms)) : 1;
    return { move, behind, left: last.left + last.width * into };
  });
}

/** The edges that a run went along: out of a step through the port it chose, into a step that began. */
export function takenEdges(
  steps: readonly StepView[],
  edges: readonly { id: string; source: string; sourceHandle?: string | null; target: string }[],
): Set<string> {
  const byKey = new Map(steps.map((s) => [s.key, s]));
  const began = (key: string) => {
    const s = byKey.get(key);
    return s !== undefined && s.state !== 'skipped' && (s.startedAt !== null || s.state === 'queued');
  };
  return new Set(
    edges
      .filter((e) => {
        const from = byKey.get(e.source);
        return from?.port != null && from.port === e.sourceHandle && began(e.target);
      })
      .map((e) => e.id),
  );
}

export const isOver = (state: string) => state === 'succeeded' || state === 'failed' || state === 'cancelled';
