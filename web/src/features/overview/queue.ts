import type { IncidentView } from '@/shared/client/types';

/** Rows on the overview; the incidents page shows the rest. */
export const QUEUE_LENGTH = 10;

const isOpen = (i: IncidentView) => i.state !== 'resolved' && i.state !== 'closed';

/** The open incidents with what changed put in, highest risk first, then the newest. */
export function mergeQueue(queue: IncidentView[], changed: IncidentView[]): IncidentView[] {
  const byId = new Map(queue.map((i) => [i.id, i]));
  for (const i of changed) byId.set(i.id, i);
  return [...byId.values()]
    .filter(isOpen)
    .sort((a, b) => b.risk - a.risk || b.openedAt.localeCompare(a.openedAt));
}
