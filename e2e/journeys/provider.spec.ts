import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { newColleague } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { covered } from '../support/covered.ts';
import { keepCodes, type Person, signUp } from '../support/person.ts';
import { NameServer, Provider } from '../support/provider.ts';
import { Server } from '../support/server.ts';
import { authenticator, totp } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@northwind.example',
  password: 'four plain words here 7',
};
const bo: Person = { company: '', name: 'Bo Berg', email: 'bo@northwind.example', password: 'more plain words 8' };
const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const shots = path.resolve(import.meta.dirname, '../test-results/screens');

/** In both schemes, and on a telephone. */
async function picture(page: Page, name: string): Promise<void> {
  if (!LOOK) return;
  mkdirSync(shots, { recursive: true });
  const wide = page.viewportSize() ?? { width: 1280, height: 720 };
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect.soft(await axe(page), `${name} in ${colorScheme}`).toEqual([]);
    await page.screenshot({ path: path.join(shots, `provider-${name}-${colorScheme}.png`) });
    await page.setViewportSize({ width: 390, height: 844 });
    expect.soft(await covered(page), `${name} on a telephone`).toEqual([]);
    await page.screenshot({ path: path.join(shots, `provider-${name}-narrow-${colorScheme}.png`) });
    await page.setViewportSize(wide);
  }
  await page.emulateMedia({ colorScheme: null });
}

/** From our sign-in page to the provider's form and back. */
async function byProvider(page: Page, server: Server, email: string, name: string, press = 'Sign in here'): Promise<void> {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Work email').fill(email);
  await page.getByRole('button', { name: 'Sign in with Northwind ID' }).click();
  await expect(page.getByRole('heading', { name: 'Northwind ID' })).toBeVisible();
  await page.getByLabel('Address').fill(email);
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: press }).click();
}

test('a company sets its provider up, somebody new comes in by it, and works once an admin gave a role', async ({ browser }) => {
  test.setTimeout(240_000);
  const provider = await Provider.open();
  const dns = await NameServer.open();
  process.env.CYBERSHIELD_FEDERATION_ALLOWEDHOSTS = '127.0.0.1';
  process.env.CYBERSHIELD_FEDERATION_DNSSERVERS = dns.address;
  const server = await Server.start('--developer');
  try {
    const here = await browser.newContext();
    const page = await here.newPage();
    const { complaints } = watch(page, /status of 4(0\d|10|22)/);
    const { secret } = await signUp(page, server, ann);
    const nextCode = authenticator(secret);
    const rows = page.getByRole('table').getByRole('row');
    const dialog = page.getByRole('dialog');
    const form = page.getByRole('form', { name: 'Provider' });

    await test.step('the form says what is missing, and the test what is wrong', async () => {
      await page.getByRole('link', { name: 'Settings' }).click();
      await page
        .getByRole('navigation', { name: 'Sections of the settings' })
        .getByRole('link', { name: 'Identity provider' })
        .click();
      await expect(page.getByText(`${server.url}/sign-in/provider/`)).toBeVisible();
      await picture(page, 'empty');
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(form).toContainText('Give the issuer');
      await form.getByLabel('Name').fill('Northwind ID');
      await form.getByLabel('Issuer').fill(`${provider.issuer}/`);
      await form.getByLabel('Client ID').fill(provider.client);
      await form.getByRole('textbox', { name: 'Client secret' }).fill('not this one');
      await form.getByRole('button', { name: 'Test this connection' }).click();
      await expect(form).toContainText('Both must be equal');
      await picture(page, 'wrong');
      await form.getByLabel('Issuer').fill(provider.issuer);
      await form.getByRole('button', { name: 'Test this connection' }).click();
      await expect(form).toContainText('the secret is wrong');
      await form.getByRole('textbox', { name: 'Client secret' }).fill(provider.secret);
      await form.getByRole('button', { name: 'Test this connection' }).click();
      await expect(form.getByRole('list', { name: 'Test this connection' })).not.toContainText('wrong');
    });
    await test.step('it is offered, to people whom nobody invited too', async () => {
      await form.getByText('Offered').click();
      await expect(form).toContainText('No domain is proved yet');
      await form.getByLabel('Let in people whom nobody invited').check();
      await picture(page, 'filled');
      await form.getByLabel('Code of your second factor').fill(await nextCode());
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByText('Saved. The sign-in page offers it')).toBeVisible();
    });
    await test.step('a domain is proved by its DNS', async () => {
      await page.getByText('Domains', { exact: true }).first().click();
      await expect(page.getByText('No domain yet')).toBeVisible();
      await page.getByRole('button', { name: 'Add domain' }).click();
      await dialog.getByLabel('Domain').fill('northwind.example');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await picture(page, 'add-domain');
      await dialog.getByRole('button', { name: 'Add domain' }).click();
      await expect(rows.filter({ hasText: 'northwind.example' })).toContainText('Not proved');
      await page.getByRole('button', { name: 'Look now for the record of northwind.example' }).click();
      await expect(page.getByText('There is no TXT record')).toBeVisible();
      await picture(page, 'unproved');
      const [name, text] = await rows.filter({ hasText: 'northwind.example' }).locator('code').allTextContents();
      dns.records.set(name ?? '', text ?? '');
      await page.getByRole('button', { name: 'Look now for the record of northwind.example' }).click();
      await expect(page.getByText('northwind.example is proved')).toBeVisible();
      expect(await axe(page)).toEqual([]);
      await picture(page, 'proved');
    });

    const jo = await browser.newContext();
    const theirs = await jo.newPage();
    const heard = watch(theirs, /status of 4(0\d|10)/);
    await test.step('somebody new who refuses there is told so in our words', async () => {
      await byProvider(theirs, server, 'jo@northwind.example', 'Jo Neu', 'Refuse');
      await expect(theirs.getByRole('heading', { name: 'You are not signed in' })).toBeVisible();
      await expect(theirs.getByRole('main')).toContainText('you said no there');
      await expect(theirs.getByRole('main')).not.toContainText('+49');
      await expect(theirs).not.toHaveURL(/state=/);
      await picture(theirs, 'refused');
    });
    await test.step('somebody new comes in, sets a second factor up, and has no role', async () => {
      await theirs.goto(`${server.url}/sign-in`);
      await theirs.getByLabel('Work email').fill('jo@elsewhere.example');
      await expect(theirs.getByRole('button', { name: /Sign in with Northwind/ })).toHaveCount(0);
      await theirs.getByLabel('Work email').fill('jo@northwind.example');
      await expect(theirs.getByRole('button', { name: 'Sign in with Northwind ID' })).toBeVisible();
      expect(await axe(theirs)).toEqual([]);
      await picture(theirs, 'sign-in');
      await byProvider(theirs, server, 'jo@northwind.example', 'Jo Neu');
      await expect(theirs.getByRole('heading', { name: 'Set up the second factor' })).toBeVisible();
      const own = (await theirs.locator('code').first().textContent()) ?? '';
      await theirs.getByLabel('3. Enter the six digits it shows').fill(totp(own));
      await keepCodes(theirs);
      await expect(theirs.getByRole('main')).toContainText('You have no role yet');
      await expect(theirs.getByRole('main')).toContainText('An administrator of Northwind Health must give you a role');
      expect(await axe(theirs)).toEqual([]);
      await picture(theirs, 'no-role');
    });
    await test.step('an administrator gives a role, and the person works', async () => {
      await page
        .getByRole('navigation', { name: 'Sections of the settings' })
        .getByRole('link', { name: 'Users' })
        .click();
      await expect(rows.filter({ hasText: 'jo@northwind.example' })).toContainText('No role');
      const users = await (await here.request.get(`${server.url}/api/v1/users?limit=50`)).json();
      const id: string = users.items.find((u: { email: string }) => u.email === 'jo@northwind.example').id;
      const token = (await here.cookies()).find((c) => c.name === 'XSRF-TOKEN')?.value ?? '';
      const given = await here.request.patch(`${server.url}/api/v1/users/${id}`, {
        data: { role: 'responder' },
        headers: { 'X-XSRF-TOKEN': token },
      });
      expect(given.status()).toBe(200);
      await theirs.getByRole('button', { name: 'Look again' }).click();
      await expect(theirs.getByRole('main')).not.toContainText('You have no role yet');
      await theirs.goto(`${server.url}/incidents`);
      await expect(theirs.getByRole('main')).toContainText('No incident');
      expect(heard.complaints).toEqual([]);
    });
    await test.step('who has an account ties it by signing in as before', async () => {
      const second = await browser.newContext();
      const [recoveryCode] = await newColleague(here, second, server, bo, 'analyst');
      await second.clearCookies();
      const screen = await second.newPage();
      await byProvider(screen, server, bo.email, bo.name);
      await expect(screen.getByRole('heading', { name: 'You have an account here already' })).toBeVisible();
      await picture(screen, 'tie');
      await screen.getByRole('button', { name: 'Sign in as before' }).click();
      await expect(screen.getByLabel('Work email')).toHaveValue(bo.email);
      await expect(screen.getByRole('button', { name: /Sign in with Northwind/ })).toHaveCount(0);
      await screen.getByLabel('Password', { exact: true }).fill(bo.password);
      await screen.getByRole('button', { name: 'Sign in', exact: true }).click();
      await screen.getByRole('button', { name: 'Use a recovery code' }).click();
      await screen.getByLabel('Recovery code').fill(recoveryCode ?? '');
      await screen.getByRole('button', { name: 'Continue' }).click();
      await expect(screen.getByRole('heading', { name: 'Tie your account' })).toBeVisible();
      await expect(screen.getByRole('main')).toContainText(bo.email);
      await picture(screen, 'tie-yes');
      await screen.getByRole('button', { name: 'Yes, tie it' }).click();
      await expect(screen.getByRole('heading', { name: 'Your account is tied' })).toBeVisible();
      await screen.getByRole('link', { name: 'Go on' }).click();
      await expect(screen.getByRole('navigation').first()).toBeVisible();
      await screen.close();
    });
    await test.step('required names somebody for emergencies', async () => {
      await page.goto(`${server.url}/settings/identity-provider`);
      await form.getByText('Required').click();
      await expect(form).toContainText('Passwords and passkeys alone open nothing any more');
      await form.getByLabel('Code of your second factor').fill(await nextCode());
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(form).toContainText('Choose an administrator');
      await form.getByRole('combobox', { name: 'For emergencies' }).click();
      await page.getByRole('option', { name: 'Ann Keller' }).click();
      await picture(page, 'required');
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByText('Saved. People of your domains must use it')).toBeVisible();
      const stranger = await browser.newContext();
      const screen = await stranger.newPage();
      await screen.goto(`${server.url}/sign-in`);
      await screen.getByLabel('Work email').fill(bo.email);
      await expect(screen.getByText('Your company asks you to sign in with Northwind ID.')).toBeVisible();
      await screen.getByLabel('Password', { exact: true }).fill(bo.password);
      await screen.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(screen.getByRole('alert')).toContainText('Northwind ID');
      await picture(screen, 'sign-in-required');
      await screen.close();
    });
    await test.step('the trail tells it', async () => {
      await page.goto(`${server.url}/audit`);
      const main = page.getByRole('main');
      await expect(main).toContainText('Identity provider set');
      await expect(main).toContainText('Account made');
      await expect(main).toContainText('Tied to the provider');
      await picture(page, 'audit');
    });
    expect(complaints).toEqual([]);
  } finally {
    await server.stop();
    await provider.close();
    dns.close();
  }
});
