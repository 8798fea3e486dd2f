import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

type Filters<K extends string> = Partial<Record<K, string>>;

/** The named texts of a search string; other parameters are left alone, and empty ones count as absent. */
export function readFilters<K extends string>(
  search: Record<string, unknown>,
  names: readonly K[],
): Filters<K> {
  const out: Filters<K> = {};
  for (const name of names) {
    const value = search[name];
    // The router reads ?q=12 as a number; a filter is always a text.
    if (typeof value === 'string' || typeof value === 'number') {
      if (value !== '') out[name] = String(value);
    }
  }
  return out;
}

/** Filters of a list kept in the address, so that a view can be shared and gone back to. `names` must not change. */
export function useUrlFilters<K extends string>(names: readonly K[]) {
  const search = useRouterState({ select: (s) => s.location.search as Record<string, unknown> });
  const navigate = useNavigate();
  const filters = useMemo(() => readFilters(search, names), [search, names]);
  const set = useCallback(
    (change: Filters<K>) => {
      const next = Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, v]) => v));
      void navigate({ to: '.', search: next as never, replace: true });
    },
    [navigate, search],
  );
  return [filters, set] as const;
}

/** Filters for a link to a list; the route takes any, so the router has no type for them. */
export const toFilters = (filters: Record<string, string>) => filters as never;
