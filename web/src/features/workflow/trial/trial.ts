import type { NodeTypeView, StepState, TryView } from '@/shared/client/types';
import type { Mark } from '../builder/problems';
import type { NodeMark } from '../canvas/marks';

const ROUND = /^.*\//;
/** Steps in the order in which their nodes are drawn, rounds of a loop behind each other; what is drawn no more comes last. */
export function asDrawn<S extends { step: string }>(
  steps: readonly S[],
  nodes: readonly { key: string }[],
): S[] {
  const places = new Map(nodes.map((n, i) => [n.key, i]));
  const place = (s: S) => places.get(nodeOf(s.step)) ?? nodes.length;
  return [...steps].sort((a, b) => place(a) - place(b));
}

/** The node that a step is of: rounds of a loop are steps of the same node. */
export const nodeOf = (step: string) => step.replace(ROUND, '');

/** What the canvas shows of a trial: the worst problem of each node, and the state of its latest step. */
export function trialMarks(problems: Record<string, Mark>, tried: TryView | null): Record<string, NodeMark> {
  const out: Record<string, NodeMark> = {};
  for (const [node, problem] of Object.entries(problems)) out[node] = { problem };
  for (const step of tried?.steps ?? []) {
    const node = nodeOf(step.step);
    out[node] = { ...out[node], state: step.state as StepState };
  }
  return out;
}

/** On or off. */
export function toggled(points: ReadonlySet<string>, node: string): Set<string> {
  const next = new Set(points);
  if (!next.delete(node)) next.add(node);
  return next;
}

const NO_RESULT = new Set(['wait', 'for-each', 'while', 'join', 'end', 'finally']);
/** Whether a node comes to something that could be known beforehand; the server judges it too. */
export const hasResult = (type: NodeTypeView) => type.category !== 'trigger' && !NO_RESULT.has(type.type);
