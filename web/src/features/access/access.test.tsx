import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import i18next from 'i18next';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '@/app/i18n';
import { queryClient } from '@/shared/client/query';
import { sessionQuery } from '@/shared/client/session';
import type { AuthorizationQuestion } from '@/shared/client/types';
import { ConfirmHost } from '@/shared/ui/confirm';
import { AccountPage } from './account/AccountPage';
import { ConsentPage } from './ConsentPage';
import en from './en.json';
import { ForgotPasswordPage } from './ForgotPasswordPage';
import { ResetPasswordPage } from './ResetPasswordPage';
import { SignInPage } from './SignInPage';

i18next.addResourceBundle('en', 'translation', { access: en }, true);

type Reply = { status?: number; body?: unknown };
/** What the server answers, by method and path; and what it was asked. */
let replies: Record<string, Reply>;
let asked: { what: string; body: unknown }[];
/** Where passkeys can be used. */
let passkeyOrigin: string | null;
const account = {
  name: 'Ann Keller',
  email: 'ann@northwind.example',
  role: 'analyst',
  passwordAt: '2026-01-02T10:00:00Z',
  mfaAt: '2026-01-02T10:00:00Z',
  recoveryCodesLeft: 9,
};
const session = (id: string, current: boolean, device: string) => ({
  id,
  current,
  device,
  address: '192.0.2.7',
  signedInAt: '2026-01-02T10:00:00Z',
  lastUsedAt: '2026-01-02T11:00:00Z',
});
const problem = (status: number, kind: string, errors: unknown[] = []): Reply => ({
  status,
  body: { type: `/problems/${kind}`, title: 'No', status, detail: 'Not so.', errors },
});

beforeEach(() => {
  asked = [];
  passkeyOrigin = null;
  replies = {
    'GET /session': { body: { state: 'anonymous', developer: true, permissions: [] } },
    'GET /account': { body: account },
    'GET /account/passkeys': { body: { items: [] } },
    'GET /account/oauth-grants': { body: { items: [] } },
    'GET /account/stood-out': { body: { items: [] } },
    'GET /account/factor-reset': { body: { reset: null } },
    'GET /account/sessions': {
      body: { items: [session('a', true, 'Chrome on Linux'), session('b', false, 'Firefox on Windows')] },
    },
  };
  vi.stubGlobal('fetch', async (url: unknown, init?: RequestInit) => {
    const request = new Request(new URL(String(url), 'http://x'), init);
    const what = `${request.method} ${new URL(request.url).pathname.replace('/api/v1', '')}`;
    const text = await request.text();
    if (request.method !== 'GET') asked.push({ what, body: text ? JSON.parse(text) : undefined });
    const { status = 200, body } = replies[what] ?? {};
    return new Response(status === 204 ? null : JSON.stringify(body ?? {}), { status });
  });
});
afterEach(() => {
  cleanup();
  queryClient.clear();
  vi.unstubAllGlobals();
});

async function show(at: string, user?: object) {
  queryClient.setQueryData(sessionQuery.queryKey, {
    state: user ? 'active' : 'anonymous',
    developer: true,
    permissions: [],
    factors: ['totp'],
    passkeyOrigin,
    user,
  } as never);
  const root = createRootRoute();
  const open = createRoute({ getParentRoute: () => root, id: 'open', component: Outlet });
  const page = (path: string, component: () => ReactNode) =>
    createRoute({ getParentRoute: () => open, path, component });
  const router = createRouter({
    routeTree: root.addChildren([
      open.addChildren([
        page('/sign-in', SignInPage),
        page('/sign-up', () => null),
        page('/mailbox', () => null),
        page('/forgot-password', ForgotPasswordPage),
        page('/reset-password', ResetPasswordPage),
        page('/account', AccountPage),
        page('/oauth2/authorize', ConsentPage),
      ]),
    ]),
    history: createMemoryHistory({ initialEntries: [at] }),
  });
  render(
    <QueryClientProvider client={queryClient}>
      <MantineProvider env="test">
        <RouterProvider router={router as never} />
        <ConfirmHost />
      </MantineProvider>
    </QueryClientProvider>,
  );
  await screen.findByRole('heading', { level: 1 });
}
const heading = (name: string) => screen.findByRole('heading', { level: 1, name });
const type = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label, { selector: 'input' }), { target: { value } });
const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }));
const panel = (name: string) => within(screen.getByRole('region', { name }));

test('a forgotten password is asked for with the address typed before; the answer tells nobody whether it is known', async () => {
  await show('/sign-in');
  type('Work email', 'ann@northwind.example');
  fireEvent.click(screen.getByRole('link', { name: 'Forgot password?' }));
  await heading('Forgot your password?');
  expect(screen.getByLabelText<HTMLInputElement>('Work email').value).toBe('ann@northwind.example');
  replies['POST /password/forgotten'] = { status: 202 };
  await press('Send the link');
  await heading('Check your mail');
  expect(screen.getByText(/^If this address has an account, a mail is on its way\./)).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Open the developer mailbox' })).toBeTruthy();
  expect(asked).toEqual([{ what: 'POST /password/forgotten', body: { email: 'ann@northwind.example' } }]);
});

test('an address that is missing is told before the server is asked', async () => {
  await show('/forgot-password');
  await press('Send the link');
  expect(screen.getByText('Enter your email address')).toBeTruthy();
  expect(asked).toEqual([]);
});

test('a new password leads to sign-in with the address filled in, and says who was signed out', async () => {
  await show('/reset-password?token=t0', { role: 'analyst' });
  replies['POST /password/reset'] = { body: { email: 'ann@northwind.example' } };
  type('New password', 'five words to keep well');
  await press('Set the password');
  await heading('Sign in');
  expect(asked).toEqual([
    { what: 'POST /password/reset', body: { token: 't0', password: 'five words to keep well' } },
    { what: 'POST /sign-in/provider', body: { domain: 'northwind.example' } },
  ]);
  expect(screen.getByLabelText<HTMLInputElement>('Work email').value).toBe('ann@northwind.example');
  expect(screen.getByText(/everybody who was signed in to this account was signed out/)).toBeTruthy();
  expect(queryClient.getQueryData(sessionQuery.queryKey)?.state).toBe('anonymous');
});

test('what is wrong with a new password stands at its field', async () => {
  await show('/reset-password?token=t0');
  replies['POST /password/reset'] = problem(400, 'invalid', [
    { pointer: '#/password', detail: 'is among those that are guessed first' },
  ]);
  type('New password', 'password1234');
  await press('Set the password');
  expect(await screen.findByText('is among those that are guessed first')).toBeTruthy();
  const field = screen.getByLabelText('New password', { selector: 'input' });
  const described = field.getAttribute('aria-describedby')?.split(' ') ?? [];
  expect(described.map((id) => document.getElementById(id)?.textContent)).toContain(
    'is among those that are guessed first',
  );
});

test('a used or old link says so, as does one without its end; both offer a new one', async () => {
  await show('/reset-password?token=t0');
  replies['POST /password/reset'] = problem(410, 'link-used-or-expired');
  type('New password', 'five words to keep well');
  await press('Set the password');
  await heading('This link no longer works');
  expect(screen.getByRole('link', { name: 'Ask for a new link' }).getAttribute('href')).toBe(
    '/forgot-password',
  );
  cleanup();
  await show('/reset-password');
  await heading('This link is incomplete');
  expect(screen.getByRole('link', { name: 'Ask for a new link' })).toBeTruthy();
});

test('a wrong present password stands at its field; a right one closes the form', async () => {
  await show('/account', { role: 'analyst' });
  await press('Change password');
  replies['POST /account/password'] = problem(403, 'wrong-password');
  type('Present password', 'not this one');
  type('New password', 'five words to keep well');
  const form = within(screen.getByRole('form', { name: 'Change password' }));
  fireEvent.click(form.getByRole('button', { name: 'Change password' }));
  expect(await screen.findByText('This is not your present password')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
  replies['POST /account/password'] = { status: 204 };
  type('Present password', 'four plain words here 7');
  fireEvent.click(form.getByRole('button', { name: 'Change password' }));
  await waitFor(() => expect(screen.queryByRole('form')).toBeNull());
  expect(asked.at(-1)).toEqual({
    what: 'POST /account/password',
    body: { present: 'four plain words here 7', password: 'five words to keep well' },
  });
});

test('new recovery codes take a fresh code, are shown once, and are left only when kept', async () => {
  await show('/account', { role: 'analyst' });
  await waitFor(() => expect(panel('Second factor').getByText('9 of 10 left')).toBeTruthy());
  await press('New recovery codes');
  replies['POST /account/recovery-codes'] = problem(403, 'fresh-code-needed');
  fireEvent.change(await screen.findByLabelText(/^Code of your second factor/), {
    target: { value: '000000' },
  });
  await press('Make new codes');
  expect(await screen.findByText(/^This code is wrong or was used already/)).toBeTruthy();
  const recoveryCodes = Array.from({ length: 10 }, (_, i) => `code-${i}`);
  replies['POST /account/recovery-codes'] = { body: { recoveryCodes } };
  await press('Make new codes');
  const list = await screen.findByRole('list', { name: 'Keep these recovery codes' });
  expect(
    within(list)
      .getAllByRole('listitem')
      .map((code) => code.textContent),
  ).toEqual(recoveryCodes);
  const done = screen.getByRole<HTMLButtonElement>('button', { name: 'Done' });
  expect(done.disabled).toBe(true);
  fireEvent.click(screen.getByLabelText('I have kept them in a safe place'));
  fireEvent.click(done);
  await waitFor(() => expect(screen.queryByText('code-0')).toBeNull());
});

test('few recovery codes are a reason to make new ones; without a second factor there are none to make', async () => {
  replies['GET /account'] = { body: { ...account, recoveryCodesLeft: 2 } };
  await show('/account', { role: 'analyst' });
  expect(await screen.findByText(/^Few are left/)).toBeTruthy();
  cleanup();
  queryClient.clear();
  replies['GET /account'] = { body: { ...account, mfaAt: null, recoveryCodesLeft: 0 } };
  await show('/account', { role: 'analyst' });
  expect(await screen.findByText(/^Not set up/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'New recovery codes' })).toBeNull();
});

test('the session at hand is marked and not ended here; another ends after one question', async () => {
  await show('/account', { role: 'analyst' });
  const list = await screen.findByRole('list', { name: 'Where you are signed in' });
  const [here, there] = within(list).getAllByRole('listitem');
  if (!here || !there) throw new Error('two sessions expected');
  expect(here.textContent).toContain('This one');
  expect(within(here).queryByRole('button')).toBeNull();
  fireEvent.click(within(there).getByRole('button', { name: 'Sign out: Firefox on Windows, 192.0.2.7' }));
  await screen.findByText('Sign out Firefox on Windows?');
  expect(asked).toEqual([]);
  replies['DELETE /account/sessions/b'] = { status: 204 };
  replies['GET /account/sessions'] = { body: { items: [session('a', true, 'Chrome on Linux')] } };
  await press('Sign out Firefox on Windows');
  expect(await screen.findByText('You are signed in nowhere else.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Sign out everywhere else' })).toBeNull();
  expect(asked.map((a) => a.what)).toEqual(['DELETE /account/sessions/b']);
});

test('a sign-in that stood out is answered once; looking at it sends nothing', async () => {
  const seen = {
    id: 'n1',
    kinds: ['new-device-and-country', 'impossible-travel'],
    at: '2026-11-23T10:00:00Z',
    lastAt: '2026-11-23T10:00:00Z',
    times: 2,
    address: '198.51.100.7',
    country: 'JP',
    device: 'Firefox on Linux',
    words: 'The device was not used before.',
    answer: null,
  };
  replies['GET /account/stood-out'] = { body: { items: [seen] } };
  await show('/account', { role: 'analyst' });
  expect(await screen.findByText('New device in a new country')).toBeTruthy();
  const region = panel('Sign-ins that stood out');
  expect(region.getByText(/Japan/)).toBeTruthy();
  expect(region.getByText('2 times')).toBeTruthy();
  await press('This was not me');
  await screen.findByText('Was this somebody else?');
  expect(asked).toEqual([]);
  replies['POST /account/stood-out/answers'] = { status: 204 };
  replies['GET /account/stood-out'] = { body: { items: [{ ...seen, answer: 'not-mine' }] } };
  await press('This was not me: end the other sessions');
  expect(await region.findByText('You said: this was not me')).toBeTruthy();
  expect(asked).toEqual([{ what: 'POST /account/stood-out/answers', body: { id: 'n1', mine: false } }]);
});

test('sessions that cannot be read leave the rest of the page', async () => {
  replies['GET /account/sessions'] = problem(500, 'unexpected');
  await show('/account', { role: 'analyst' });
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByRole('button', { name: 'Try again' })).toBeTruthy();
  expect(panel('Who you are').getByText('Ann Keller')).toBeTruthy();
});

test('a passkey is shown for the challenge, in Base64 for URLs; what ends the asking is said', async () => {
  passkeyOrigin = window.location.origin;
  vi.stubGlobal('PublicKeyCredential', class {});
  replies['POST /sign-in/passkey-challenge'] = {
    body: { challenge: '-_8', rpId: 'localhost', allow: [], timeoutMs: 300_000 },
  };
  const get = vi.fn().mockRejectedValueOnce(new DOMException('no', 'NotAllowedError'));
  vi.stubGlobal('navigator', { credentials: { get } });
  await show('/sign-in');
  await press('Sign in with a passkey');
  expect((await screen.findByRole('alert')).textContent).toMatch(/^No passkey was used/);
  const buffer = (...bytes: number[]) => new Uint8Array(bytes).buffer;
  get.mockResolvedValueOnce({
    rawId: buffer(251, 255),
    response: {
      clientDataJSON: buffer(1),
      authenticatorData: buffer(2),
      signature: buffer(3),
      userHandle: buffer(4),
    },
  });
  replies['POST /sign-in/passkey'] = problem(401, 'wrong-credentials');
  await press('Sign in with a passkey');
  await waitFor(() => expect(asked.at(-1)?.what).toBe('POST /sign-in/passkey'));
  expect(asked.at(-1)?.body).toEqual({
    credentialId: '-_8',
    clientDataJSON: 'AQ',
    authenticatorData: 'Ag',
    signature: 'Aw',
    userHandle: 'BA',
  });
  const publicKey = (get.mock.lastCall?.[0] as CredentialRequestOptions | undefined)?.publicKey;
  expect(new Uint8Array(publicKey?.challenge as ArrayBuffer)).toEqual(new Uint8Array([251, 255]));
  expect(publicKey).toMatchObject({ rpId: 'localhost', userVerification: 'required', allowCredentials: [] });
});

test('where passkeys cannot be used, the page says so and where they can', async () => {
  passkeyOrigin = 'https://shield.example';
  await show('/sign-in');
  expect(screen.queryByRole('button', { name: 'Sign in with a passkey' })).toBeNull();
  const there = screen.getByRole('link', { name: 'https://shield.example' });
  expect(there.getAttribute('href')).toMatch(/^https:\/\/shield\.example\//);
  cleanup();
  passkeyOrigin = null;
  await show('/sign-in');
  expect(screen.getByText(/^Passkeys cannot be used here/)).toBeTruthy();
});

const QUESTION = '?response_type=code&client_id=c&redirect_uri=https://a.org/back&nonce=n&max_age=0';
const consent = (more = '') =>
  `/oauth2/authorize?${new URLSearchParams({ q: QUESTION + more, since: String(Date.now() - 30_000) })}`;
const askedView = {
  clientId: 'c',
  client: 'Wiki',
  registeredBy: 'Ada',
  redirectUri: 'https://a.org/back',
  scopes: ['email', 'openid', 'profile'],
  missing: [],
  signInAgain: false,
};

test('who is asked to sign in elsewhere sees what is learned of them, and how long the question is open is told', async () => {
  replies['POST /account/oauth-questions'] = { body: askedView };
  await show(consent(), account);
  await heading('Sign in to Wiki?');
  const learns = within(screen.getByRole('list', { name: 'What it learns of you' }));
  expect(learns.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    expect.stringContaining('Which account is yours'),
    'Your nameAnn Keller',
    'Your addressann@northwind.example',
  ]);
  expect(screen.queryByRole('list', { name: 'What it asks for' })).toBeNull();
  const sent = asked[0]?.body as AuthorizationQuestion | undefined;
  expect(sent).toMatchObject({ nonce: 'n', maxAge: '0' });
  expect(sent?.waitedSeconds).toBeGreaterThanOrEqual(30);
});

test('what it does and what it learns are told apart', async () => {
  replies['POST /account/oauth-questions'] = {
    body: { ...askedView, scopes: ['openid', 'user:read'], missing: ['user:read'] },
  };
  await show(consent(), account);
  await heading('Let Wiki act for you?');
  expect(screen.getByRole('list', { name: 'What it asks for' }).textContent).toBe(
    'user:readYou may not do this yourself, so it could not either.',
  );
  expect(screen.getByRole('list', { name: 'What it learns of you' }).textContent).not.toContain('@');
});

test('a session that is too old ends when its person says so, and not before', async () => {
  replies['POST /account/oauth-questions'] = { body: { ...askedView, signInAgain: true } };
  await show(consent(), account);
  await heading('Sign in to Wiki?');
  expect(screen.queryByRole('button', { name: 'Allow' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Do not allow' })).toBeTruthy();
  expect(asked.map((a) => a.what)).toEqual(['POST /account/oauth-questions']);
  replies['POST /sign-out'] = { status: 204 };
  await press('Sign in again');
  await heading('Sign in');
  expect(asked.at(-1)?.what).toBe('POST /sign-out');
});

test('whom nobody may ask is not asked: the question goes to the server, which sends it back', async () => {
  const replace = vi.fn();
  vi.stubGlobal('location', { ...window.location, replace });
  replies['POST /oauth-refusals'] = { body: { redirect: 'https://a.org/back?error=login_required' } };
  await show(consent('&prompt=none'));
  await waitFor(() => expect(replace).toHaveBeenCalledWith('https://a.org/back?error=login_required'));
  expect(asked.map((a) => a.what)).toEqual(['POST /oauth-refusals']);
});
