import type { Permission } from '@/shared/client/types';

/** What takes a person's judgement: no key is given it. The server refuses them as well. */
const FOR_PEOPLE: readonly Permission[] = ['approval:decide', 'workflow:publish'];

export const scopesOf = (permissions: readonly Permission[]) =>
  permissions.filter((p) => !FOR_PEOPLE.includes(p)).sort();

/** Networks as people write them: one a line, or with commas or blanks between. */
export const networksOf = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

/** How to try a key out. */
export const tryIt = (secret: string, origin: string, path: string) =>
  `curl -H 'Authorization: Bearer ${secret}' ${origin}${path}`;

/** Addresses that a program may be answered at, one a line. */
export const addressesOf = (text: string) => text.split(/\s+/).filter(Boolean);

/** What tells a program who somebody is; no permission, and for programs that act for people only. */
export const IDENTITY = ['openid', 'profile', 'email'] as const;

/** Name and address are told beside who it is, never alone. */
export const withOpenid = (scopes: readonly string[]) =>
  scopes.includes('openid') || !IDENTITY.some((scope) => scopes.includes(scope))
    ? [...scopes]
    : ['openid', ...scopes];

/** How a program with a secret asks for a token. */
export const tokenCommand = (id: string, secret: string, origin: string) =>
  `curl -u ${id}:${secret} -d grant_type=client_credentials ${origin}/oauth2/token`;
