import { type RefObject, useId, useLayoutEffect, useRef } from 'react';
import { create } from 'zustand';

type Said = {
  id: string;
  words: string;
  page: boolean;
  place: Element | null;
  retry: (() => void) | undefined;
};
const useSaidStore = create<{ said: Said[] }>(() => ({ said: [] }));

const PLACE = '[role="dialog"], main';
const same = (a: Said, b: Said) => a.words === b.words && a.place === b.place;

/**
 * One problem is told once: a line keeps silent while a notice that fills a region of the same page or dialog says the
 * same words, and that one's button then tries again for both.
 */
export function useSaidOnce(
  words: string | null,
  page: boolean,
  retry: (() => void) | undefined,
): { mark: RefObject<HTMLDivElement | null>; silent: boolean; retryAll: () => void } {
  const id = useId();
  const mark = useRef<HTMLDivElement>(null);
  const latest = useRef(retry);
  latest.current = retry;
  const again = retry !== undefined;
  useLayoutEffect(() => {
    if (words === null) return;
    const mine: Said = {
      id,
      words,
      page,
      place: mark.current?.closest(PLACE) ?? null,
      retry: again ? () => latest.current?.() : undefined,
    };
    useSaidStore.setState((s) => ({ said: [...s.said, mine] }));
    return () => useSaidStore.setState((s) => ({ said: s.said.filter((x) => x.id !== id) }));
  }, [id, words, page, again]);
  const silent = useSaidStore((s) => {
    const mine = s.said.find((x) => x.id === id);
    return !page && mine !== undefined && s.said.some((x) => x.page && same(x, mine));
  });
  return {
    mark,
    silent,
    retryAll: () => {
      retry?.();
      const { said } = useSaidStore.getState();
      const mine = said.find((x) => x.id === id);
      if (page && mine) for (const x of said) if (!x.page && same(x, mine)) x.retry?.();
    },
  };
}
