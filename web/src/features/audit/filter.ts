/** The filter as it stands in the address of the page; times are local, as the inputs give them. */
export type AuditFilter = {
  q?: string;
  actor?: string;
  action?: string;
  target?: string;
  outcome?: string;
  address?: string;
  from?: string;
  to?: string;
};
const KEYS = ['q', 'actor', 'action', 'target', 'outcome', 'address', 'from', 'to'] as const;
export const OUTCOMES = ['permitted', 'denied', 'failed'] as const;

export function parseFilter(search: Record<string, unknown>): AuditFilter {
  const out: AuditFilter = {};
  for (const key of KEYS) {
    const value = search[key];
    if (key === 'outcome' && !OUTCOMES.some((one) => one === value)) continue;
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
  return { ...f, from: utc(f.from), to: utc(f.to) };
}

/** Where the browser fetches an export of what the filter leaves. */
export function exportPath(format: 'json' | 'csv' | 'cef', f: AuditFilter): string {
  const query = new URLSearchParams({ format });
  for (const [key, value] of Object.entries(queryOf(f))) if (value) query.set(key, value);
  return `/api/v1/audit/export?${query}`;
}
