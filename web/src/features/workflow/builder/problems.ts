import type { EdgeDefinition, WorkflowProblem } from '@/shared/client/types';

export type Mark = 'error' | 'warning';

/** The node that a problem stands on: its own, or where its edge starts; null when it is about the whole. */
export const placeOf = (p: WorkflowProblem, edges: readonly EdgeDefinition[]): string | null =>
  p.node ?? (p.edge === null ? null : (edges[p.edge]?.from ?? null));

/** The worst problem of each node. */
export function marks(
  problems: readonly WorkflowProblem[],
  edges: readonly EdgeDefinition[],
): Record<string, Mark> {
  const out: Record<string, Mark> = {};
  for (const p of problems) {
    const node = placeOf(p, edges);
    if (node && out[node] !== 'error') out[node] = p.severity;
  }
  return out;
}

/** Errors first, else as the server ordered them. */
export const ranked = (problems: readonly WorkflowProblem[]): WorkflowProblem[] => [
  ...problems.filter((p) => p.severity === 'error'),
  ...problems.filter((p) => p.severity === 'warning'),
];
