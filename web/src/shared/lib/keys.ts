type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Whether the event is the key named like `L`, `?`, `Delete`, `mod+S` or `shift+D`; `mod` is Ctrl or Cmd. */
export function matchesKey(e: Key, keys: string): boolean {
  const parts = keys.split('+');
  const key = parts.pop() ?? '';
  const mod = parts.includes('mod');
  if ((e.ctrlKey || e.metaKey) !== mod || e.altKey) return false;
  // A sign such as ? or / may need Shift on some keyboards: its own character already says so.
  if (/^[a-z]$/i.test(key) && e.shiftKey !== parts.includes('shift')) return false;
  return e.key.toLowerCase() === key.toLowerCase();
}

/** Typing into a field, or inside an open dialog: single letters do nothing there. */
export function typing(e: KeyboardEvent): boolean {
  const el = e.composedPath()[0] ?? e.target;
  if (!(el instanceof Element)) return false;
  return (
    (el as HTMLElement).isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) ||
    el.closest('[role="dialog"],[contenteditable="true"]') !== null
  );
}

/** `mod+S` as the caps to draw: Ctrl, S. */
export const keyCaps = (keys: string): string[] =>
  keys
    .split(/[+ ]/)
    .map((k) =>
      k === 'mod' ? 'Ctrl' : k.length === 1 ? k.toUpperCase() : (k[0] ?? '').toUpperCase() + k.slice(1),
    );
