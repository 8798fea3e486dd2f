import { queryOptions } from '@tanstack/react-query';
import { http } from './http';
import type { Role } from './types';

/** The roles that bring a permission. */
export const grantsQuery = (permission: string) =>
  queryOptions({
    queryKey: ['permissions', permission],
    queryFn: ({ signal }) => http.get(`/permissions/${permission}`, { signal }),
    staleTime: 60_000,
  });

/** People of the tenant, to name whom to ask; the first two hundred will do for that. */
export const colleaguesQuery = queryOptions({
  queryKey: ['users', 'colleagues'],
  queryFn: ({ signal }) => http.get('/users', { query: { limit: 200 }, signal }),
  staleTime: 60_000,
});

type Somebody = { id: string; name: string; email: string; role: Role; state: string };

/** Who can act in one of the roles today, but for the reader. */
export const holders = <T extends Somebody>(people: T[], roles: readonly string[], self?: string): T[] =>
  people.filter((p) => p.state === 'active' && roles.includes(p.role) && p.id !== self);
