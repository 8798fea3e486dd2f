import { infiniteQueryOptions, QueryClient, type QueryKey } from '@tanstack/react-query';
import { http, isProblem, type Query } from './http';

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
export function listQuery<T>(key: QueryKey, path: string, query: Query = {}) {
  return infiniteQueryOptions({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) =>
      http.page<T>(path, { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export const rowsOf = <T>(data: { pages: { items: T[] }[] } | undefined): T[] =>
  data?.pages.flatMap((p) => p.items) ?? [];
