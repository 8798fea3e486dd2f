/** The filter as it stands in the address of the page; times are local, as the inputs give them. */
export type AuditFilter = { q?: string; actor?: string; action?: string; from?: string; to?: string };
const KEYS = ['q', 'actor', 'action', 'from', 'to'] as const;

export function parseFilter(search: Record<string, unknown>): AuditFilter {
  const out: AuditFilter = {};
  for (const key of KEYS) {
    const value = search[key];
    if (typeof value === 'string' && value !== '') out[key] = value;
    else if (typeof value === 'number') out[key] = String(value);
  }
  return out;
}

export const hasFilter = (f: AuditFilter) => KEYS.some((k) => f[k]);

/** What the server is asked: its times are in UTC. A time that cannot be read is left out. */
export function queryOf(f: AuditFilter): Record<string, string | undefined> {
  const utc = (local?: string) => {
    const at = local ? Date.parse(local) : Number.NaN;
    return Number.isNaN(at) ? undefined : new Date(at).toISOString();
  };
  return { q: f.q, actor: f.actor, action: f.action, from: utc(f.from), to: utc(f.to) };
}
