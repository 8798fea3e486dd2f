import type { AuthorizationQuestion } from '@/shared/client/types';

const NAMES = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'response_mode',
  'nonce',
  'prompt',
  'max_age',
];
/** What would say all of it another time, and differently. */
const UNSUPPORTED = ['request', 'request_uri', 'registration'] as const;

/** What tells a program who somebody is. */
export const IDENTITY: readonly string[] = ['openid', 'profile', 'email'];

/**
 * What a program sent the browser here with, as it stood in the address. Null if it is no request: something is missing, or
 * said twice, and whoever reads the first would see another than who reads the last.
 */
export function questionOf(query: string): AuthorizationQuestion | null {
  const said = new URLSearchParams(query);
  if (NAMES.some((name) => said.getAll(name).length > 1)) return null;
  const responseType = said.get('response_type');
  const clientId = said.get('client_id');
  const redirectUri = said.get('redirect_uri');
  if (!responseType || !clientId || !redirectUri) return null;
  const more = {
    scope: said.get('scope'),
    state: said.get('state'),
    codeChallenge: said.get('code_challenge'),
    codeChallengeMethod: said.get('code_challenge_method'),
    responseMode: said.get('response_mode'),
    nonce: said.get('nonce'),
    prompt: said.get('prompt'),
    maxAge: said.get('max_age'),
    unsupported: UNSUPPORTED.find((name) => said.has(name)) ?? null,
  };
  return {
    responseType,
    clientId,
    redirectUri,
    ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null)),
  };
}

/** Whether it goes back to its program unasked, as the protocol has it; the server says with which word. */
export const goesBack = ({ prompt, unsupported }: AuthorizationQuestion): boolean =>
  unsupported !== undefined || (prompt ?? '').split(' ').some((p) => p === 'none' || p === 'select_account');

/** The question with how long it has been open, by the browser's clock alone: the server's may go otherwise. */
export const waiting = (
  question: AuthorizationQuestion,
  since: number,
  now: number,
): AuthorizationQuestion => ({
  ...question,
  waitedSeconds: Math.min(Math.max(Math.ceil((now - since) / 1000), 0), 3600),
});
