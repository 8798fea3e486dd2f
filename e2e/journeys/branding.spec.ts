import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type BrowserContext, chromium, expect, type Page, test } from '@playwright/test';
import { ask } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { findBrowser } from '../support/browser.ts';
import { covered } from '../support/covered.ts';
import { type Person, signUp } from '../support/person.ts';
import { NameServer } from '../support/provider.ts';
import { Server } from '../support/server.ts';
import { authenticator } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const sue: Person = {
  company: 'Harbour SOC',
  name: 'Sue Harper',
  email: 'sue@harbour.example',
  password: 'four plain words here 7',
};
const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@northwind.example',
  password: 'five other words there 8',
};
const HOST = 'soc.harbour.example';
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><script>alert(1)</script>
<circle cx="24" cy="24" r="22" fill="#0f8f7a" onclick="alert(2)"/><path d="M8 30l8-6 8 6 8-6 8 6" fill="none" stroke="#fff" stroke-width="4"/></svg>`;
const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const shots = path.resolve(import.meta.dirname, '../test-results/screens');

/** In both schemes, and on a telephone. */
async function picture(page: Page, name: string): Promise<void> {
  const wide = page.viewportSize() ?? { width: 1440, height: 900 };
  if (LOOK) mkdirSync(shots, { recursive: true });
  // What was said of the step before is not part of the screen.
  await expect(page.locator('.mantine-Notification-root')).toHaveCount(0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished)));
    expect.soft(await axe(page), `${name} in ${colorScheme}`).toEqual([]);
    if (!LOOK) continue;
    await page.screenshot({ path: path.join(shots, `branding-${name}-${colorScheme}.png`) });
    await page.setViewportSize({ width: 390, height: 844 });
    expect.soft(await covered(page), `${name} on a telephone`).toEqual([]);
    await page.screenshot({ path: path.join(shots, `branding-${name}-narrow-${colorScheme}.png`) });
    await page.setViewportSize(wide);
  }
  await page.emulateMedia({ colorScheme: null });
}

const sign = (page: Page) => page.getByRole('complementary').first();
const token = (page: Page, name: string) =>
  page.evaluate((n) => getComputedStyle(document.documentElement).getPropertyValue(n).trim(), name);

/** The grant itself is the providers' journey; here it is asked for and agreed to without the screens. */
async function grant(
  provider: BrowserContext,
  customer: BrowserContext,
  server: Server,
  codes: { provider: () => Promise<string>; customer: () => Promise<string> },
): Promise<void> {
  const until = new Date(Date.now() + 5 * 86_400_000).toISOString();
  const terms = { roles: ['provider-analyst'], until };
  const { code } = await ask<{ code: string }>(provider, server, 'POST', '/provider/requests', {
    ...terms,
    code: await codes.provider(),
  });
  await ask(customer, server, 'POST', '/providers', { ...terms, code, factor: await codes.customer() });
}

test('a provider puts its label on, its customer wears it, and both end with the access', async ({ browser }) => {
  test.setTimeout(400_000);
  const dns = await NameServer.open();
  process.env.CYBERSHIELD_FEDERATION_DNSSERVERS = dns.address;
  const server = await Server.start('--developer');
  const elsewhere = await chromium.launch({
    executablePath: findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', `--host-resolver-rules=MAP *.example 127.0.0.1`],
  });
  try {
    const there = await browser.newContext();
    const soc = await there.newPage();
    const socSaid = watch(soc, /status of 422/);
    const socCode = authenticator((await signUp(soc, server, sue)).secret);
    const here = await browser.newContext();
    const own = await here.newPage();
    const ownSaid = watch(own);
    const ownCode = authenticator((await signUp(own, server, ann)).secret);
    expect(server.command('tenant', 'provider', 'Harbour SOC').code).toBe(0);
    const form = soc.getByRole('form', { name: 'Label' });
    const logo = soc.getByRole('region', { name: 'Logo' });

    await test.step('a colour that cannot be read is refused with its number, and the nearest is offered', async () => {
      await soc.goto(`${server.url}/settings/branding`);
      await expect(logo).toContainText('Save a name first');
      await picture(soc, 'empty');
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(form).toContainText('Give it a name.');
      await form.getByLabel('Product name').fill('Harbour Watch');
      await form.getByLabel('On light', { exact: true }).fill('#f2b84b');
      await expect(form).toContainText('1.54 to 1 on #ebeff4; 4.5 is needed.');
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(form).toContainText('Give both, or none.');
      await form.getByLabel('On dark', { exact: true }).fill('#204a40');
      await expect(form.getByRole('button', { name: /^Use #/ })).toHaveCount(2);
      await picture(soc, 'colours');
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(form).toContainText(/The nearest that has it is #[0-9a-f]{6}/);
      await form
        .getByRole('button', { name: /^Use #/ })
        .first()
        .click();
      await form.getByRole('button', { name: /^Use #/ }).click();
      await expect(form.getByText('Readable on every surface')).toHaveCount(2);
      await form.getByLabel('Last line').fill('See harbour.example');
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(form).toContainText("names 'harbour.example', which is not proved to be yours");
    });

    await test.step('the label is on at once, from the theme', async () => {
      await form.getByLabel('Last line').fill('Night desk: extension 7.');
      await form.getByLabel('Customers may use this label').check();
      await form.getByRole('button', { name: 'Save' }).click();
      await expect(soc.getByText('The branding is saved')).toBeVisible();
      await expect(sign(soc)).toContainText('Harbour Watch');
      await expect(sign(soc)).toContainText('Runs on CyberShield');
      await expect(soc).toHaveTitle(/Harbour Watch$/);
      const accent = await form.getByLabel('On light', { exact: true }).inputValue();
      await soc.emulateMedia({ colorScheme: 'light' });
      await soc.mouse.move(0, 0);
      await expect.poll(() => token(soc, '--accent')).toBe(accent);
      await expect
        .poll(() => form.getByRole('button', { name: 'Save' }).evaluate((b) => getComputedStyle(b).backgroundColor))
        .toBe(`rgb(${[1, 3, 5].map((i) => Number.parseInt(accent.slice(i, i + 2), 16)).join(', ')})`);
      await soc.emulateMedia({ colorScheme: null });
    });

    await test.step('a logo is drawn anew, and says what was left out', async () => {
      await logo
        .locator('input[type=file]')
        .setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(LOGO) });
      await expect(logo).toContainText('Left out of the picture: <script>, onclick.');
      await expect(sign(soc).locator('img[src^="/brand/"]')).toBeVisible();
      const seen = await sign(soc)
        .locator('img[src^="/brand/"]')
        .evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0);
      expect(seen).toBe(true);
      await picture(soc, 'label');
    });

    await test.step('a host of its own shows the label before anybody is known', async () => {
      const stranger = await elsewhere.newPage();
      const at = `http://${HOST}:${server.port}`;
      await stranger.goto(`${at}/sign-in`);
      await expect(stranger.getByText('CyberShield', { exact: true })).toBeVisible();
      await soc.getByText('Own addresses', { exact: true }).first().click();
      await expect(soc.getByText('No addresses of your own')).toBeVisible();
      await soc.getByRole('button', { name: 'Add host' }).click();
      const dialog = soc.getByRole('dialog');
      await dialog.getByLabel('Host').fill(HOST);
      await dialog.getByLabel('Code of your second factor').fill(await socCode());
      await dialog.getByRole('button', { name: 'Add host' }).click();
      const row = soc.getByRole('table').getByRole('row').filter({ hasText: HOST });
      await expect(row).toContainText('Not proved');
      await soc.getByRole('button', { name: `Look now for the record of ${HOST}` }).click();
      await expect(soc.getByText(/There is no TXT record/)).toBeVisible();
      const [record, text] = await row.locator('code').allTextContents();
      dns.records.set(record ?? '', text ?? '');
      await soc.getByRole('button', { name: `Look now for the record of ${HOST}` }).click();
      await expect(row).toContainText('Proved');
      await picture(soc, 'hosts');
      await stranger.reload();
      await expect(stranger.getByText('Harbour Watch', { exact: true })).toBeVisible();
      await expect(stranger.getByText('Runs on CyberShield')).toBeVisible();
      await expect(stranger.getByText(/Passkeys work at .* only, not at this address/)).toBeVisible();
      await picture(stranger, 'sign-in');
      // It decides looks only: a customer's person signs in there as anywhere else, and sees their own company.
      await stranger.getByLabel('Work email').fill(ann.email);
      await stranger.getByLabel('Password', { exact: true }).fill(ann.password);
      await stranger.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(stranger.getByText('Your authenticator app shows six digits')).toBeVisible();
      await stranger.locator('input').first().fill(await ownCode());
      await expect(sign(stranger)).toContainText('Northwind Health');
      await expect(sign(stranger)).toContainText('CyberShield');
      await expect(sign(stranger)).not.toContainText('Harbour Watch');
      await expect(stranger.getByText('Live', { exact: false }).first()).toBeVisible();
      await stranger.close();
    });

    await test.step('a name that nobody proved shows ours, and changes nothing', async () => {
      const stranger = await elsewhere.newPage();
      await stranger.goto(`http://evil.example:${server.port}/sign-in`);
      await expect(stranger.getByText('CyberShield', { exact: true })).toBeVisible();
      await stranger.getByLabel('Work email').fill(ann.email);
      await stranger.getByLabel('Password', { exact: true }).fill(ann.password);
      await stranger.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(stranger.getByText(/does not know this page's address/)).toBeVisible();
      await picture(stranger, 'unknown-host');
      await stranger.close();
    });

    await test.step('a customer chooses the label, and wears it at once', async () => {
      await grant(there, here, server, { provider: socCode, customer: ownCode });
      await own.goto(`${server.url}/settings/branding`);
      await expect(sign(own)).not.toContainText('Harbour Watch');
      const labels = own.getByRole('region', { name: "Your provider's label" });
      await expect(labels).toContainText('Harbour Watch, of Harbour SOC');
      await labels.getByRole('button', { name: 'Use it: Harbour Watch' }).click();
      await expect(sign(own)).toContainText('Harbour Watch', { timeout: 1000 });
      await expect(sign(own)).toContainText('Runs on CyberShield');
      await picture(own, 'customer');
    });

    await test.step('and is without it as soon as the access ends', async () => {
      await soc.goto(`${server.url}/customers?tab=requests`);
      const [first] = await ask<{ id: string }[]>(there, server, 'GET', '/provider/requests');
      const cookies = await there.cookies(server.url);
      const gone = await there.request.delete(`${server.url}/api/v1/provider/requests/${first?.id}`, {
        headers: { 'x-xsrf-token': cookies.find((c) => c.name === 'XSRF-TOKEN')?.value ?? '' },
      });
      expect(gone.status()).toBe(204);
      await expect(sign(own)).not.toContainText('Harbour Watch', { timeout: 1000 });
      await expect(sign(own)).toContainText('CyberShield');
      await own.emulateMedia({ colorScheme: 'light' });
      await expect.poll(() => token(own, '--accent')).toBe('#3d57d4');
      await own.emulateMedia({ colorScheme: null });
    });

    await test.step('the label is taken off again, and the trail has it all', async () => {
      await soc.goto(`${server.url}/settings/branding`);
      await form.getByRole('button', { name: 'Remove branding' }).click();
      await soc.getByRole('dialog').getByRole('button', { name: 'Remove branding' }).click();
      await expect(soc.getByText('The branding is removed')).toBeVisible();
      await expect(sign(soc)).toContainText('CyberShield');
      await expect(sign(soc)).not.toContainText('Harbour Watch');
      await soc.goto(`${server.url}/audit`);
      for (const said of ['Branding changed', 'Logo changed', 'Own address proved', 'Branding removed'])
        await expect(soc.getByRole('main').getByText(said).first()).toBeVisible();
    });
    expect(socSaid.complaints).toEqual([]);
    expect(ownSaid.complaints).toEqual([]);
  } finally {
    await elsewhere.close();
    await server.stop();
    dns.close();
  }
});
