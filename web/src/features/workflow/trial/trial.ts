import type { NodeTypeView, StepState, TryView } from '@/shared/client/types';
import type { Mark } from '../builder/problems';
import type { NodeMark } from '../canvas/marks';

const ROUND = /^.*\//;
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
