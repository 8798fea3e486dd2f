import { type BrowserContext, expect } from '@playwright/test';
import type { Person } from './person.ts';
import type { Server } from './server.ts';
import { totp } from './totp.ts';

const READY = { timeout: 30_000, intervals: [50, 100, 200] };

/** Asks as the page itself would, with its session and its CSRF token; the answer must be good. */
export async function ask<T = unknown>(
  context: BrowserContext,
  server: Server,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  path: string,
  data?: unknown,
  headers?: Record<string, string>,
): Promise<T> {
  const cookies = await context.cookies(server.url);
  const token = cookies.find((c) => c.name === 'XSRF-TOKEN')?.value ?? '';
  const answer = await context.request.fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { 'x-xsrf-token': decodeURIComponent(token), ...headers },
    ...(data === undefined ? {} : { data }),
  });
  const text = await answer.text();
  expect(answer.ok(), `${method} ${path} answered ${answer.status()}: ${text}`).toBe(true);
  return (text ? JSON.parse(text) : undefined) as T;
}

export async function mailedToken(context: BrowserContext, server: Server, to: string, page: string): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(async () => {
      const mails = await ask<{ items: { to: string; links: string[] }[] }>(
        context,
        server,
        'GET',
        '/developer/mailbox?limit=200',
      );
      found = mails.items.find((m) => m.to === to)?.links.find((l) => l.includes(page));
      return found;
    }, READY)
    .toBeTruthy();
  return new URL(found ?? '').searchParams.get('token') ?? '';
}

interface Factor {
  secret: string;
  recoveryCodes: string[];
}

/** The first sign-in; returns what the second factor is made of. */
async function signIn(context: BrowserContext, server: Server, person: Person): Promise<Factor> {
  await givePassword(context, server, person);
  const { secret } = await ask<{ secret: string }>(context, server, 'POST', '/totp/setup');
  const { recoveryCodes } = await ask<{ recoveryCodes: string[] }>(context, server, 'POST', '/totp/confirm', {
    code: totp(secret),
  });
  return { secret, recoveryCodes };
}

/** Signs in once more, elsewhere, by a recovery code: the authenticator's next code would have to be waited for. */
export async function signInElsewhere(
  context: BrowserContext,
  server: Server,
  { email, password }: Person,
  recoveryCode: string,
): Promise<void> {
  await ask(context, server, 'GET', '/session');
  await ask(context, server, 'POST', '/sign-in', { email, password });
  await ask(context, server, 'POST', '/sign-in/recovery', { code: recoveryCode });
}

/**
 * A signed-in administrator of a new tenant, without walking through the pages of the first journey again; returns the
 * recovery codes.
 */
export async function newTenant(context: BrowserContext, server: Server, person: Person): Promise<string[]> {
  await newCompany(context, server, person);
  return (await signIn(context, server, person)).recoveryCodes;
}

export async function givePassword(context: BrowserContext, server: Server, { email, password }: Person): Promise<void> {
  await ask(context, server, 'GET', '/session');
  await ask(context, server, 'POST', '/sign-in', { email, password });
}

/** A company whose administrator has not signed in yet. */
export async function newCompany(context: BrowserContext, server: Server, person: Person): Promise<void> {
  await ask(context, server, 'GET', '/session');
  await ask(context, server, 'POST', '/sign-up', person);
  const token = await mailedToken(context, server, person.email, '/verify');
  await ask(context, server, 'POST', '/sign-up/verify', { token });
}

/** A colleague in the tenant of `admin`, signed in in a context of their own; returns their recovery codes. */
export async function newColleague(
  admin: BrowserContext,
  context: BrowserContext,
  server: Server,
  person: Person,
  role: string,
): Promise<string[]> {
  return (await newColleagueWithApp(admin, context, server, person, role)).recoveryCodes;
}

/** As {@link newColleague}; returns the secret of their authenticator, too. */
export async function newColleagueWithApp(
  admin: BrowserContext,
  context: BrowserContext,
  server: Server,
  person: Person,
  role: string,
): Promise<Factor> {
  await ask(admin, server, 'POST', '/invitations', { email: person.email, role });
  await ask(context, server, 'GET', '/session');
  const token = await mailedToken(context, server, person.email, '/invitation');
  await ask(context, server, 'POST', '/invitations/accept', { token, name: person.name, password: person.password });
  return signIn(context, server, person);
}
