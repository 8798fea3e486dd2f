import type { AuthorizationQuestion } from '@/shared/client/types';

const NAMES = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
];

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
  };
  return {
    responseType,
    clientId,
    redirectUri,
    ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null)),
  };
}
