import { infiniteQueryOptions, QueryClient, type QueryKey } from '@tanstack/react-query';
import { http, isProblem } from './http';
import type { Item, ListRoute, Search } from './routes';
import type { Page } from './types';

/** A refusal will be the same again; only an unreachable or failing server is worth a second try. */
const worthRetrying = (failures: number, error: unknown) =>
  failures < 1 && isProblem(error) && (error.status === 0 || error.status >= 502);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 15_000, retry: worthRetrying, retryDelay: 700, refetchOnWindowFocus: false },
    mutations: { retry: false },
  },
});

/** A list that pages by cursor, for `useInfiniteQuery`; flatten what it yields with {@link rowsOf}. */
export function listQuery<P extends ListRoute>(key: QueryKey, path: P, query?: Search<P>) {
  return infiniteQueryOptions({
    queryKey: [...key, query ?? {}],
    queryFn: ({ pageParam, signal }) =>
      http.get<P>(path, {
        query: { ...(query as object), cursor: pageParam } as Search<P>,
        signal,
      }) as Promise<Page<Item<P>>>,
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export const rowsOf = <T>(data: { pages: { items: T[] }[] } | undefined): T[] =>
  data?.pages.flatMap((p) => p.items) ?? [];
