import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';

export const PROVIDER_ROLES = ['provider-analyst', 'provider-responder', 'provider-admin'] as const;
const EVERY_MS = 60_000;

export const customersQuery = (q: string) => ({
  ...listQuery(['provider', 'customers'], '/provider/customers', { q, limit: 200 }),
  refetchInterval: EVERY_MS,
});
export const incidentsQuery = (customer: string) =>
  infiniteQueryOptions({
    queryKey: ['provider', 'incidents', customer],
    queryFn: ({ pageParam, signal }) =>
      http.get('/provider/incidents', { query: { customer, cursor: pageParam, limit: 100 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: EVERY_MS,
  });
export const requestsQuery = queryOptions({
  queryKey: ['provider', 'requests'],
  queryFn: ({ signal }) => http.get('/provider/requests', { signal }),
});
export const peopleQuery = queryOptions({
  queryKey: ['provider', 'people'],
  queryFn: ({ signal }) => http.get('/provider/people', { signal }),
});
/** `people`: by id; left out for everybody who has one of the roles. */
type Terms = { roles: string[]; people?: string[]; until: string };
export const askCustomer = (v: Terms & { note: string; email?: string; code?: string }) =>
  http.post('/provider/requests', v);
export const withdraw = (id: string) => http.delete(`/provider/requests/${id}`);
export const giveRole = (id: string, v: { role: string; code?: string }) =>
  http.put(`/provider/people/${id}`, v);
export const takeRole = (id: string) => http.delete(`/provider/people/${id}`);

export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: ({ signal }) => http.get('/providers', { signal }),
});
export const whatIsAsked = (code: string) => http.post('/providers/questions', { code });
export const agree = (v: Terms & { code: string; factor?: string }) => http.post('/providers', v);
export const limitGrant = (id: string, v: Terms) => http.put(`/providers/${id}`, v);
export const revokeGrant = (id: string) => http.delete(`/providers/${id}`);
