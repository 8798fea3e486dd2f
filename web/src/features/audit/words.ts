/** `incident:<id>` in its two parts; a target that has no kind is all id. */
export function parts(target: string): { kind: string; id: string } {
  const colon = target.indexOf(':');
  return colon > 0 ? { kind: target.slice(0, colon), id: target.slice(colon + 1) } : { kind: '', id: target };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isId = (text: string) => UUID.test(text);

/** Where a thing can be looked at; null where no page shows it. */
export function placeOf(kind: string, id: string): string | null {
  if (!isId(id)) return null;
  switch (kind) {
    case 'incident':
      return `/incidents/${id}`;
    case 'workflow':
      return `/workflows/${id}`;
    case 'run':
      return `/runs/${id}`;
    case 'approval':
      return `/approvals/${id}`;
    case 'task':
      return `/tasks/${id}`;
    case 'rule':
      return `/rules?rule=${id}`;
    case 'source':
      return '/settings/sources';
    case 'account':
      return '/settings/users';
    default:
      return null;
  }
}

/** `actionHash` or `not-there` as words: "Action hash", "Not there". */
export function keyWords(key: string): string {
  const words = key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an entry's detail says, flat enough to be read; an empty text says nothing. */
export function facts(detail: unknown): { key: string; value: string }[] {
  if (detail === null || typeof detail !== 'object' || Array.isArray(detail)) return [];
  const changed = 'before' in detail && 'after' in detail;
  return Object.entries(detail)
    .filter(([key, v]) => v !== '' && v !== null && !(changed && (key === 'before' || key === 'after')))
    .map(([key, v]) => ({ key, value: typeof v === 'object' ? JSON.stringify(v) : String(v) }));
}

/** What an entry says was changed: each part that differs, as it was and as it is since. */
export function changes(detail: unknown): { key: string; before: string; after: string }[] {
  if (detail === null || typeof detail !== 'object' || !('before' in detail) || !('after' in detail))
    return [];
  const { before, after } = detail;
  const was = members(before);
  const is = members(after);
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .map((key) => ({ key, before: plain(was[key]), after: plain(is[key]) }))
    .filter((change) => change.before !== change.after);
}
const members = (state: unknown): Record<string, unknown> =>
  state !== null && typeof state === 'object' && !Array.isArray(state) ? { ...state } : { '': state };
const plain = (value: unknown): string =>
  value === null || value === undefined || value === ''
    ? '–'
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
