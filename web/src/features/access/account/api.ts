import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';

export const accountQuery = queryOptions({
  queryKey: ['account', 'own'],
  queryFn: ({ signal }) => http.get('/account', { signal }),
  staleTime: 0,
});
/** Never asked for by a clock: each question would count as use and keep the session open. */
export const sessionsQuery = queryOptions({
  queryKey: ['account', 'sessions'],
  queryFn: ({ signal }) => http.get('/account/sessions', { signal }),
  staleTime: 0,
});
export const changePassword = (v: { present: string; password: string }) => http.post('/account/password', v);
export const changeEmail = (v: { email: string; code: string }) => http.post('/account/email', v);
export const renewRecoveryCodes = (v: { code: string }) => http.post('/account/recovery-codes', v);
export const endSession = (id: string) => http.delete(`/account/sessions/${id}`);
export const endOtherSessions = () => http.post('/account/sessions/end-others');
