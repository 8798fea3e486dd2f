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
  return Object.entries(detail)
    .filter(([, v]) => v !== '' && v !== null)
    .map(([key, v]) => ({ key, value: typeof v === 'object' ? JSON.stringify(v) : String(v) }));
}
