import type { NodeDefinition } from '@/shared/client/types';

/** The engine tells of a step by its id, for machines read it too; whoever reads it here knows the step by its name. */
export function named(sentence: string, nodes: readonly Pick<NodeDefinition, 'key' | 'name'>[]): string {
  const names = new Map(nodes.map((n) => [n.key, n.name]));
  return sentence.replace(STEP, (said, what: string, id: string) => {
    const key = id.slice(id.lastIndexOf('/') + 1);
    const name = names.get(key);
    if (!name) return said;
    return key === id ? `${what} “${name}”` : `${what} “${name}” (${id})`; // the id tells the round of a loop
  });
}
const STEP = /\b([Ss]tep|[Ss]tand-in|Ended at) '([^']+)'/g;
