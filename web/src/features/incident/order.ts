/** Oldest first; what happened in the same moment keeps the server's order. */
export const chronological = <T extends { at: string }>(entries: readonly T[]): T[] =>
  entries
    .map((entry, i) => ({ entry, at: Date.parse(entry.at), i }))
    .sort((a, b) => a.at - b.at || a.i - b.i)
    .map((x) => x.entry);
