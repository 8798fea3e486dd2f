import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type {
  Role,
  SimulatedEndpoint,
  SourceKind,
  SourceToken,
  SourceView,
  UserView,
} from '@/shared/client/types';

export const sourcesQuery = listQuery<SourceView>(['sources'], '/sources');
export const createSource = (v: { name: string; kind: SourceKind }) => http.post<SourceToken>('/sources', v);
export const rotateToken = (id: string) => http.post<SourceToken>(`/sources/${id}/token`);
export const revokeSource = (id: string) => http.delete(`/sources/${id}`);

export const usersQuery = listQuery<UserView>(['users'], '/users');
export const invite = (v: { email: string; role: Role }) => http.post<UserView>('/invitations', v);
export const changeUser = (id: string, v: { role?: Role; disabled?: boolean }) =>
  http.patch<UserView>(`/users/${id}`, v);

export const endpointsQuery = listQuery<SimulatedEndpoint>(
  ['simulator', 'endpoints'],
  '/simulator/endpoints',
);
