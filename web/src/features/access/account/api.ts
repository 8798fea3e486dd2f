import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import type { AuthorizationQuestion } from '@/shared/client/types';
import { waiting } from '../consent';

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
export const stoodOutQuery = queryOptions({
  queryKey: ['account', 'stood-out'],
  queryFn: ({ signal }) => http.get('/account/stood-out', { signal }),
  staleTime: 0,
});
export const answerStoodOut = (v: { id: string; mine: boolean }) =>
  http.post('/account/stood-out/answers', v);
export const passkeysQuery = queryOptions({
  queryKey: ['account', 'passkeys'],
  queryFn: ({ signal }) => http.get('/account/passkeys', { signal }),
  staleTime: 0,
});
/** A challenge is good once and for five minutes: never kept, never asked for by itself. */
export const passkeyToMakeQuery = queryOptions({
  queryKey: ['passkey', 'to-make'],
  queryFn: () => http.post('/account/passkeys/challenge'),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 0,
  retry: false,
  refetchOnWindowFocus: false,
});
export const removeTotp = () => http.delete('/account/totp');
export const ownResetQuery = queryOptions({
  queryKey: ['account', 'factor-reset'],
  queryFn: ({ signal }) => http.get('/account/factor-reset', { signal }),
  staleTime: 0,
});
export const stopOwnReset = () => http.delete('/account/factor-reset');
export const renamePasskey = (id: string, v: { name: string }) => http.patch(`/account/passkeys/${id}`, v);
export const removePasskey = (id: string) => http.delete(`/account/passkeys/${id}`);
export const confirmByCode = (v: { code: string }) => http.post('/account/step-up', v);
export const changePassword = (v: { present: string; password: string }) => http.post('/account/password', v);
export const changeEmail = (v: { email: string; code?: string }) => http.post('/account/email', v);
export const renewRecoveryCodes = (v: { code?: string }) => http.post('/account/recovery-codes', v);
export const endSession = (id: string) => http.delete(`/account/sessions/${id}`);
export const endOtherSessions = () => http.post('/account/sessions/end-others');

export const grantsQuery = queryOptions({
  queryKey: ['account', 'grants'],
  queryFn: ({ signal }) => http.get('/account/oauth-grants', { signal }),
  staleTime: 0,
});
export const endGrant = (id: string) => http.delete(`/account/oauth-grants/${id}`);
/** What a program asks for; looking gives nothing. */
export const askedQuery = (question: AuthorizationQuestion, since: number) =>
  queryOptions({
    queryKey: ['authorization', question],
    queryFn: ({ signal }) =>
      http.post('/account/oauth-questions', waiting(question, since, Date.now()), { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
/** Where the browser goes with a question that nobody is to be asked. */
export const refusalQuery = (question: AuthorizationQuestion) =>
  queryOptions({
    queryKey: ['authorization', 'refusal', question],
    queryFn: ({ signal }) => http.post('/oauth-refusals', question, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
export const answerQuestion = (v: { question: AuthorizationQuestion; allow: boolean; code?: string }) =>
  http.post('/account/oauth-grants', v);
