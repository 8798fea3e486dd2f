import type { DrawingDiff, WorkflowDiff } from '@/shared/client/types';

type NodeChange = WorkflowDiff['nodes'][number];
export type Setting = NodeChange['settings'][number];

const PLACE = new Set(['/x', '/y']);

/** What of a node's change people read: where it stands is none of it. */
export const settingsOf = (node: NodeChange): Setting[] => node.settings.filter((s) => !PLACE.has(s.path));

/** What changed in meaning; nodes that only stand elsewhere are counted beside it. */
export const readable = (diff: DrawingDiff) => ({
  nodes: diff.nodes.filter((n) => n.change !== 'moved'),
  moved: diff.nodes.filter((n) => n.change === 'moved').length,
});

/** A value as a cell shows it; one that is not there is empty. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
