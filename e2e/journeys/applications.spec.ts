import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { ask } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { type Person, signUp } from '../support/person.ts';
import type { Server } from '../support/server.ts';
import { test } from '../support/test.ts';
import { authenticator } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@applications.northwind.example',
  password: 'four plain words here 7',
};
const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const shots = path.resolve(import.meta.dirname, '../test-results/screens');

/** An app on somebody's own machine, as its makers would write it: PKCE, a state, and a port that was free. */
class Desk {
  private answers: URLSearchParams[] = [];
  private readonly verifier = randomBytes(40).toString('base64url');
  private constructor(
    private readonly server: Server,
    private readonly listener: http.Server,
  ) {}

  static async start(server: Server): Promise<Desk> {
    const listener = http.createServer();
    const desk = new Desk(server, listener);
    listener.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      if (url.pathname === '/back') desk.answers.push(url.searchParams);
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><html lang="en"><title>Desk</title><main><h1>Back at the desk</h1></main></html>');
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return desk;
  }

  private get redirect(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}/back`;
  }

  address(client: string, change: Record<string, string> = {}): string {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client,
      redirect_uri: this.redirect,
      scope: 'user:read',
      // A number that the browser's own arithmetic would round.
      state: '8374928374928374923',
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...change,
    });
    return `${this.server.url}/oauth2/authorize?${query}`;
  }

  /** The newest answer that the browser brought. */
  answer(): URLSearchParams {
    const answer = this.answers.at(-1);
    if (!answer) throw new Error('No answer yet');
    expect(answer.get('state')).toBe('8374928374928374923');
    return answer;
  }

  async token(form: Record<string, string>): Promise<{ access_token: string; refresh_token: string; id_token?: string }> {
    const given = await fetch(`${this.server.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
    expect(given.status, await given.clone().text()).toBe(200);
    return given.json();
  }

  redeem(client: string) {
    return this.token({
      grant_type: 'authorization_code',
      client_id: client,
      code: this.answer().get('code') ?? '',
      redirect_uri: this.redirect,
      code_verifier: this.verifier,
    });
  }

  stop(): void {
    this.listener.close();
  }
}

/** Light, dark and on a telephone, where pictures are asked for. */
async function picture(page: Page, name: string): Promise<void> {
  if (!LOOK) return;
  mkdirSync(shots, { recursive: true });
  const size = page.viewportSize();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    expect.soft(await axe(page), `${name} in ${scheme}`).toEqual([]);
    await page.screenshot({ path: path.join(shots, `${name}-${scheme}.png`) });
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: path.join(shots, `${name}-narrow.png`) });
  if (size) await page.setViewportSize(size);
}

test('a company registers applications, and a person lets one act and takes it back', async ({ browser, server }) => {
  test.setTimeout(400_000);
  const desk = await Desk.start(server);
  try {
    const here = await browser.newContext();
    const page = await here.newPage();
    const { complaints } = watch(page, /status of 4(0\d|22)/);
    const tokens: string[] = [];
    page.on('response', (r) => void (r.url().includes('/oauth2/token') && tokens.push(r.url())));
    const { secret } = await signUp(page, server, ann);
    const nextCode = authenticator(secret);
    const rows = page.getByRole('table').getByRole('row');
    const asks = (token: string, at: string) =>
      fetch(`${server.url}/api/v1${at}`, { headers: { authorization: `Bearer ${token}` } });
    const sections = page.getByRole('navigation', { name: 'Sections of the settings' });
    const dialog = page.getByRole('dialog');

    const client = await test.step('an app for people is registered, once its form says what it must', async () => {
      await page.getByRole('link', { name: 'Settings' }).click();
      await sections.getByRole('link', { name: 'Applications' }).click();
      await expect(page.getByText('No application yet')).toBeVisible();
      await picture(page, 'applications-empty');
      await page.getByRole('button', { name: 'Register application' }).first().click();
      await dialog.getByRole('button', { name: 'Register', exact: true }).click();
      await expect(dialog).toContainText('Give the application a name');
      await expect(dialog).toContainText('Give at least one address');
      await expect(dialog.getByRole('checkbox', { name: 'approval:decide' })).toHaveCount(0);
      await dialog.getByLabel('Name').fill('Desk');
      await dialog.getByLabel('Redirect addresses').fill('http://localhost/back');
      await dialog.getByRole('checkbox', { name: 'user:read' }).check();
      await dialog.getByLabel('Code of your second factor').fill('000000');
      await dialog.getByRole('button', { name: 'Register', exact: true }).click();
      await expect(dialog).toContainText('must begin with https://');
      await picture(page, 'applications-form');
      expect(await axe(page)).toEqual([]);
      await dialog.getByLabel('Redirect addresses').fill('http://127.0.0.1/back');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await dialog.getByRole('button', { name: 'Register', exact: true }).click();
      await expect(dialog.getByText('It is no secret')).toBeVisible();
      const id = (await dialog.locator('code').first().textContent()) ?? '';
      await dialog.getByRole('button', { name: 'Done' }).click();
      await expect(rows.filter({ hasText: 'Desk' })).toContainText('For people');
      expect(await axe(page)).toEqual([]);
      return id;
    });

    await test.step('what does not fit is told on the page, and goes nowhere', async () => {
      await page.goto(desk.address(client, { redirect_uri: 'https://evil.example.org/back' }));
      await expect(page.getByRole('main')).toContainText('not registered for it');
      await picture(page, 'consent-refused');
      expect(await axe(page)).toEqual([]);
      expect(page.url()).toContain(server.url);
      await page.goto(`${desk.address(client)}&client_id=other`);
      await expect(page.getByRole('heading', { name: 'This is no request for access' })).toBeVisible();
      expect(await axe(page)).toEqual([]);
    });

    await test.step('a no is told to the app', async () => {
      await page.goto(desk.address(client));
      await expect(page.getByRole('heading', { name: 'Let Desk act for you?' })).toBeVisible();
      await page.reload();
      await expect(page.getByRole('heading', { name: 'Let Desk act for you?' })).toBeVisible();
      await expect(page.getByRole('main')).toContainText('Ann Keller registered Desk for Northwind Health');
      await expect(page.getByRole('list', { name: 'What it asks for' })).toContainText('user:read');
      await picture(page, 'consent');
      expect(await axe(page)).toEqual([]);
      await page.getByRole('button', { name: 'Do not allow' }).click();
      await expect(page.getByRole('heading', { name: 'Back at the desk' })).toBeVisible();
      expect(desk.answer().get('error')).toBe('access_denied');
      expect(desk.answer().get('code')).toBeNull();
    });

    const token = await test.step('a yes takes a fresh code, and lets the app do what it asked for', async () => {
      await page.goto(desk.address(client));
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await expect(page.getByRole('main')).toContainText('Saying yes takes a fresh one');
      await page.getByLabel('Code of your second factor').fill(await nextCode());
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Back at the desk' })).toBeVisible();
      const given = await desk.redeem(client);
      expect((await asks(given.access_token, '/users')).status).toBe(200);
      expect((await asks(given.access_token, '/incidents')).status).toBe(403);
      const next = await desk.token({
        grant_type: 'refresh_token',
        client_id: client,
        refresh_token: given.refresh_token,
      });
      expect((await asks(next.access_token, '/users')).status).toBe(200);
      return next.access_token;
    });

    await test.step('its person sees it and takes it back', async () => {
      await page.goto(`${server.url}/account`);
      const list = page.getByRole('list', { name: 'Applications that act for you' });
      await expect(list).toContainText('Desk');
      await picture(page, 'account-grants');
      expect(await axe(page)).toEqual([]);
      await list.getByRole('button', { name: 'Take back: Desk' }).click();
      await dialog.getByRole('button', { name: 'Take access back from Desk' }).click();
      await expect(page.getByText('No application acts for you.')).toBeVisible();
      const refused = await asks(token, '/users');
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({ type: '/problems/token-refused' });
    });

    await test.step('a program of the company gets its own secret and its own tokens', async () => {
      await ask(here, server, 'POST', '/service-accounts', { name: 'backup', description: '', role: 'auditor' });
      await page.goto(`${server.url}/settings/applications`);
      await page.getByRole('button', { name: 'Register application' }).first().click();
      await dialog.getByText('As a service account', { exact: true }).click();
      await dialog.getByLabel('Name').fill('Nightly copy');
      await dialog.getByRole('combobox', { name: 'Service account' }).click();
      await page.getByRole('option', { name: 'backup' }).click();
      await expect(dialog.getByRole('checkbox', { name: 'user:manage' })).toHaveCount(0);
      await dialog.getByRole('checkbox', { name: 'audit:read' }).check();
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await dialog.getByRole('button', { name: 'Register', exact: true }).click();
      await expect(dialog.getByText('Copy the secret now')).toBeVisible();
      await picture(page, 'applications-secret');
      expect(await axe(page)).toEqual([]);
      const id = (await dialog.locator('code').nth(0).textContent()) ?? '';
      const text = (await dialog.locator('code').nth(1).textContent()) ?? '';
      await dialog.getByRole('button', { name: 'I have kept it' }).click();
      const own = await desk.token({ grant_type: 'client_credentials', client_id: id, client_secret: text });
      expect((await asks(own.access_token, '/audit')).status).toBe(200);
      await picture(page, 'applications');
      await page.getByRole('button', { name: 'Actions for Nightly copy' }).click();
      await page.getByRole('menuitem', { name: 'Revoke application' }).click();
      await dialog.getByRole('button', { name: 'Revoke Nightly copy' }).click();
      await expect(rows.filter({ hasText: 'Nightly copy' })).toContainText('Revoked');
      expect((await asks(own.access_token, '/audit')).status).toBe(401);
    });

    await test.step('who is not signed in signs in first, and is asked then', async () => {
      const there = await (await browser.newContext()).newPage();
      await there.goto(desk.address(client));
      await there.getByLabel('Work email').fill(ann.email);
      await there.getByLabel('Password', { exact: true }).fill(ann.password);
      await there.getByRole('button', { name: 'Sign in', exact: true }).click();
      await there.getByLabel('Six digits').fill(await nextCode());
      await expect(there.getByRole('heading', { name: 'Let Desk act for you?' })).toBeVisible();
    });

    await test.step('a site of others signs people in with their account here', async () => {
      await page.goto(`${server.url}/settings/applications`);
      await page.getByRole('button', { name: 'Register application' }).first().click();
      await dialog.getByLabel('Name').fill('Wiki');
      await dialog.getByLabel('Redirect addresses').fill('http://127.0.0.1/back');
      await dialog.getByRole('checkbox', { name: 'email' }).check();
      await expect(dialog.getByRole('checkbox', { name: 'openid' })).toBeChecked();
      await dialog.getByRole('checkbox', { name: 'profile' }).check();
      await picture(page, 'applications-openid');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await dialog.getByRole('button', { name: 'Register', exact: true }).click();
      await expect(dialog.getByText('It is no secret')).toBeVisible();
      const wiki = (await dialog.locator('code').first().textContent()) ?? '';
      const scope = 'openid profile email';
      const home = page.getByRole('heading', { name: 'Back at the desk' });

      // Nobody is asked where the site says so: not without a session, and not with one.
      const stranger = await (await browser.newContext()).newPage();
      await stranger.goto(desk.address(wiki, { scope, prompt: 'none' }));
      await expect(stranger.getByRole('heading', { name: 'Back at the desk' })).toBeVisible();
      expect(desk.answer().get('error')).toBe('login_required');
      await page.goto(desk.address(wiki, { scope, prompt: 'none' }));
      await expect(home).toBeVisible();
      expect(desk.answer().get('error')).toBe('consent_required');

      // It wants a fresh sign-in: the person says so, signs in, and is asked once.
      await page.goto(desk.address(wiki, { scope, nonce: '0012', prompt: 'login' }));
      await expect(page.getByRole('heading', { name: 'Sign in to Wiki?' })).toBeVisible();
      const learns = page.getByRole('list', { name: 'What it learns of you' });
      await expect(learns).toContainText('Ann Keller');
      await expect(learns).toContainText(ann.email);
      await expect(page.getByRole('button', { name: 'Allow', exact: true })).toHaveCount(0);
      await picture(page, 'consent-again');
      expect(await axe(page)).toEqual([]);
      await page.getByRole('button', { name: 'Sign in again' }).click();
      await page.getByLabel('Work email').fill(ann.email);
      await page.getByLabel('Password', { exact: true }).fill(ann.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByLabel('Six digits').fill(await nextCode());
      await expect(page.getByRole('heading', { name: 'Sign in to Wiki?' })).toBeVisible();
      await picture(page, 'consent-identity');
      expect(await axe(page)).toEqual([]);
      await page.getByLabel('Code of your second factor').fill(await nextCode());
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await expect(home).toBeVisible();
      const given = await desk.redeem(wiki);
      const claims = JSON.parse(Buffer.from(given.id_token?.split('.')[1] ?? '', 'base64url').toString());
      expect(claims).toMatchObject({ aud: wiki, nonce: '0012', name: 'Ann Keller', email: ann.email });
      expect(Date.now() / 1000 - claims.auth_time).toBeLessThan(120);
      expect((await asks(given.access_token, '/users')).status).toBe(401);
    });

    // The browser never held a token.
    expect(tokens).toEqual([]);
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain('eyJ');
    expect(complaints).toEqual([]);
  } finally {
    desk.stop();
  }
});
