type Pages = {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
};

/** How a table gets its next page. After a failed page it asks no more by itself, else it would ask without end. */
export const moreOf = (query: Pages) => ({
  has: query.hasNextPage && !query.isFetchNextPageError,
  loading: query.isFetchingNextPage,
  load: () => void query.fetchNextPage(),
});
