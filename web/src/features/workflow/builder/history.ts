/** A line of states to go back and forth on. Changes with the same tag within a second are one step: typing a word is one undo. */
export type History<S> = { past: S[]; future: S[]; tag: string | null; at: number };

const LIMIT = 100;
const TOGETHER_MS = 1000;

export const emptyHistory = <S>(): History<S> => ({ past: [], future: [], tag: null, at: 0 });

export function record<S>(h: History<S>, before: S, tag: string | null, now: number): History<S> {
  if (tag !== null && tag === h.tag && now - h.at < TOGETHER_MS) return { ...h, future: [], at: now };
  return { past: [...h.past.slice(-(LIMIT - 1)), before], future: [], tag, at: now };
}

export function undo<S>(h: History<S>, current: S): { history: History<S>; state: S } | null {
  const state = h.past.at(-1);
  if (state === undefined) return null;
  return {
    state,
    history: { past: h.past.slice(0, -1), future: [current, ...h.future], tag: null, at: 0 },
  };
}

export function redo<S>(h: History<S>, current: S): { history: History<S>; state: S } | null {
  const [state, ...future] = h.future;
  if (state === undefined) return null;
  return { state, history: { past: [...h.past, current], future, tag: null, at: 0 } };
}
