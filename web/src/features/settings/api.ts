import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type { SourceKind } from '@/shared/client/types';

export const sourcesQuery = listQuery(['sources'], '/sources');
export const createSource = (v: { name: string; kind: Exclude<SourceKind, 'upload'> }) =>
  http.post('/sources', v);
export const rotateToken = (id: string) => http.post(`/sources/${id}/token`);
export const revokeSource = (id: string) => http.delete(`/sources/${id}`);

export const usersQuery = listQuery(['users'], '/users');
export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: ({ signal }) => http.get('/roles', { signal }),
});
/** `roleUntil`: when the role ends; one given without it does not. */
type Given = { role: string; roleUntil?: string };
export const invite = (v: { email: string } & Given) => http.post('/invitations', v);
export const changeUser = (id: string, v: Given | { disabled: boolean }) => http.patch(`/users/${id}`, v);
export const signOutUser = (id: string) => http.post(`/users/${id}/sign-out`);

export const secretsQuery = listQuery(['secrets'], '/secrets');
export const putSecret = (name: string, value: string) => http.put(`/secrets/${name}`, { value });
export const deleteSecret = (name: string) => http.delete(`/secrets/${name}`);

export const endpointsQuery = listQuery(['simulator', 'endpoints'], '/simulator/endpoints');
