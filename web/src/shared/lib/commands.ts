import { type ReactNode, useEffect, useRef } from 'react';
import { create } from 'zustand';
import { matchesKey, typing } from './keys';

/** Something a person can do here by name (palette) and, where it has keys, by keyboard (listed under `?`). */
export type Command = {
  id: string;
  label: string;
  run: () => void;
  icon?: ReactNode;
  /** Such as `L`, `/`, `mod+S`, `Delete`. Single letters are off while typing. */
  keys?: string;
};
type Registered = { owner: symbol; commands: Command[] };

export const useRegistered = create<{ registered: Registered[] }>(() => ({ registered: [] }));

/** Offers these commands while the component is on screen. Labels and keys decide when they are listed anew. */
export function useCommands(commands: Command[]) {
  const latest = useRef(commands);
  latest.current = commands;
  const shape = commands.map((c) => `${c.id}:${c.label}:${c.keys ?? ''}`).join('|');
  useEffect(() => {
    const owner = Symbol('commands');
    const own = latest.current.map((c) => ({
      ...c,
      run: () => latest.current.find((x) => x.id === c.id)?.run(),
    }));
    useRegistered.setState((s) => ({ registered: [...s.registered, { owner, commands: own }] }));
    const on = (e: KeyboardEvent) => {
      if (e.defaultPrevented) return;
      for (const c of own) {
        if (!c.keys || !matchesKey(e, c.keys)) continue;
        if (typing(e) && !c.keys.includes('mod+')) continue;
        e.preventDefault();
        c.run();
        return;
      }
    };
    window.addEventListener('keydown', on);
    return () => {
      window.removeEventListener('keydown', on);
      useRegistered.setState((s) => ({ registered: s.registered.filter((r) => r.owner !== owner) }));
    };
  }, [shape]);
}
