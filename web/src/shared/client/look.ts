import { queryOptions, useQuery } from '@tanstack/react-query';
import { http } from './http';
import type { LookView } from './types';

const PRODUCT: LookView = { name: null, logo: null, accent: null, by: 'product', until: null, home: null };
const LONGEST_MS = 3_600_000;

/** Whose label this page wears: before sign-in the host says, afterwards the person's company. */
export const lookQuery = queryOptions({
  queryKey: ['look'],
  queryFn: ({ signal }) => http.get('/look', { signal }),
  staleTime: 60_000,
  retry: false,
  // A provider's label ends with its access, whether anybody says so or not.
  refetchInterval: ({ state: { data } }) =>
    data?.until ? Math.min(LONGEST_MS, Math.max(1000, Date.parse(data.until) - Date.now() + 500)) : false,
});

/** Ours while it is not known, and where it cannot be read: looks never keep anybody from work. */
export const useLook = (): LookView => useQuery(lookQuery).data ?? PRODUCT;

/** Puts the accent's tokens after those of the theme, which takes every shade of it from there. */
export function wear({ accent }: LookView) {
  const worn = document.querySelector<HTMLLinkElement>('link[data-accent]');
  if ((worn?.getAttribute('href') ?? null) === accent) return;
  if (accent) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = accent;
    link.dataset.accent = '';
    document.head.append(link);
  }
  worn?.remove();
}
