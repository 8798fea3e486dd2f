import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { ask, mailedToken } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { covered } from '../support/covered.ts';
import { type Person, signUp } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { authenticator } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@northwind.example',
  password: 'four plain words here 7',
};
const REASON = 'The invoice of October is open. Call 555 0100.';
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
    await page.screenshot({ path: path.join(shots, `company-${name}-${colorScheme}.png`) });
    await page.setViewportSize({ width: 390, height: 844 });
    expect.soft(await covered(page), `${name} on a telephone`).toEqual([]);
    await page.screenshot({ path: path.join(shots, `company-${name}-narrow-${colorScheme}.png`) });
    await page.setViewportSize(wide);
  }
  await page.emulateMedia({ colorScheme: null });
}

test('an administrator changes the key; the operator suspends the company and lets it go on', async ({ browser }) => {
  const server = await Server.start('--developer');
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    const { complaints } = watch(page, /status of 4(0\d|22)/);
    const { secret } = await signUp(page, server, ann);
    const nextCode = authenticator(secret);
    const dialog = page.getByRole('dialog');

    await test.step('the key is changed with a fresh factor, and everything follows', async () => {
      await ask(context, server, 'PUT', '/secrets/SCANNER', { value: 'a long enough value' });
      await page.getByRole('link', { name: 'Settings' }).click();
      await page
        .getByRole('navigation', { name: 'Sections of the settings' })
        .getByRole('link', { name: 'Company data' })
        .click();
      await expect(page.getByText(/^Version 1, made on /)).toBeVisible();
      await expect(page.getByText('a copy of the database alone opens nothing')).toBeVisible();
      await picture(page, 'key');
      await page.getByRole('button', { name: 'Change key' }).click();
      await dialog.getByLabel('Code of your second factor').fill('000000');
      await dialog.getByRole('button', { name: 'Change key' }).click();
      await expect(dialog.getByLabel('Code of your second factor')).toHaveAttribute('aria-invalid', 'true');
      await picture(page, 'change-key');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await dialog.getByRole('button', { name: 'Change key' }).click();
      await expect(page.getByText('Version 2 of the key is in use')).toBeVisible();
      await expect(page.getByText('Everything is under the key in use')).toBeVisible({ timeout: 30_000 });
      await expect(page.getByRole('table', { name: 'Versions' }).getByRole('row')).toHaveCount(3);
      expect(await axe(page)).toEqual([]);
      await picture(page, 'two-keys');
    });

    await test.step('a server that fails is told of, and asked again', async () => {
      const failing = await context.newPage();
      await failing.route(/\/api\/v1\/company\/key$/, (route) =>
        route.fulfill({
          status: 500,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            type: '/problems/unexpected',
            title: 'Something went wrong on our side',
            status: 500,
            detail: 'Look for trace 5a1c in the log.',
          }),
        }),
      );
      await failing.goto(`${server.url}/settings/data`);
      await expect(failing.getByRole('alert').getByRole('button', { name: 'Try again' })).toBeVisible({ timeout: 15_000 });
      await expect(failing.getByRole('button', { name: 'Change key' })).toBeDisabled();
      await picture(failing, 'failing');
      await failing.unroute(/\/api\/v1\/company\/key$/);
      await failing.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
      await expect(failing.getByText(/^Version 2, made on /)).toBeVisible();
      await failing.close();
    });

    await test.step('the operator changes it as well, by command', async () => {
      const done = server.command('tenant', 'rotate-key', ann.company);
      expect(done.output).toContain('Version 3 is in use.');
      expect(done.output).toContain('Everything is sealed under it.');
      expect(done.code).toBe(0);
    });

    await test.step('suspended: the page says why by itself', async () => {
      const done = server.command('tenant', 'suspend', ann.company, '--reason', REASON);
      expect(done.output).toContain(REASON);
      expect(done.code).toBe(0);
      await expect(page.getByRole('heading', { name: 'Your company is suspended' })).toBeVisible();
      await expect(page.getByText(REASON)).toBeVisible();
      expect(await axe(page)).toEqual([]);
      await picture(page, 'suspended');
      await page.getByRole('button', { name: 'Look again' }).click();
      await expect(page.getByText(REASON)).toBeVisible();
      await page.goto(`${server.url}/incidents`);
      await expect(page.getByRole('heading', { name: 'Your company is suspended' })).toBeVisible();
      expect(server.command('tenant', 'list').output).toContain(REASON);
    });

    await test.step('who signs in elsewhere is told, too', async () => {
      const other = await (await browser.newContext()).newPage();
      await other.goto(`${server.url}/sign-in`);
      await other.getByLabel('Work email').fill(ann.email);
      await other.getByLabel('Password', { exact: true }).fill(ann.password);
      await other.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(other.getByText(REASON)).toBeVisible();
      await picture(other, 'suspended-sign-in');
    });

    await test.step('it goes on where it was', async () => {
      expect(server.command('tenant', 'resume', ann.company).output).toContain('goes on');
      await page.getByRole('button', { name: 'Look again' }).click();
      await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
      await page.getByRole('link', { name: 'Audit' }).click();
      await expect(page.getByText('Company goes on').first()).toBeVisible();
      await expect(page.getByText('Key of the company changed').first()).toBeVisible();
    });
    expect(complaints).toEqual([]);
  } finally {
    await server.stop();
  }
});

test('an administrator exports everything, sets a hold, and deletes the company; the link in the mail keeps it', async ({
  browser,
}) => {
  const server = await Server.start('--developer');
  try {
    const context = await browser.newContext({ acceptDownloads: true });
    const page = await context.newPage();
    const { complaints } = watch(page, /status of 4(0\d|22)/);
    const { secret } = await signUp(page, server, ann);
    const nextCode = authenticator(secret);
    const dialog = page.getByRole('dialog');
    const kept = mkdtempSync(path.join(tmpdir(), 'company-'));

    await test.step('the page says what there is: nothing yet', async () => {
      await page.goto(`${server.url}/settings/data`);
      await expect(page.getByText('Nobody has exported the company yet')).toBeVisible();
      await expect(page.getByText('No hold was ever set')).toBeVisible();
      expect(await axe(page)).toEqual([]);
      await picture(page, 'custody-empty');
    });

    await test.step('everything is exported, and checked without the server', async () => {
      await page.getByRole('button', { name: 'Export everything' }).click();
      await picture(page, 'export-dialog');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        dialog.getByRole('button', { name: 'Export everything' }).click(),
      ]);
      const zip = path.join(kept, 'company.zip');
      await file.saveAs(zip);
      const checked = server.offline('tenant', 'verify', zip);
      expect(checked.output).toContain('ok: Northwind Health');
      expect(checked.code).toBe(0);
      await expect(page.getByText('Done', { exact: true })).toBeVisible();
    });

    await test.step('while a hold stands, nobody deletes', async () => {
      await page.getByRole('button', { name: 'Set a hold' }).click();
      await dialog.getByLabel('Reason').fill('Order 12 of the court');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await dialog.getByRole('button', { name: 'Set a hold' }).click();
      await expect(page.getByText('On hold: Order 12 of the court')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Delete the company' })).toBeDisabled();
      const refused = server.command(
        'tenant', 'delete', ann.company, '--name', ann.company, '--reason', 'x', '--days', '0',
      );
      expect(refused.code).toBe(1);
      expect(refused.output).toContain('Order 12 of the court');
      expect(await axe(page)).toEqual([]);
      for (const told of ['The export is on its way to your downloads', 'The company is on hold'])
        await expect(page.getByText(told)).toBeHidden({ timeout: 20_000 });
      await picture(page, 'custody-held');
      await page.getByRole('button', { name: 'Lift', exact: true }).click();
      await dialog.getByLabel('Why it ends').fill('Order 12 is lifted');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await dialog.getByRole('button', { name: 'Lift', exact: true }).click();
      await expect(page.getByRole('button', { name: 'Delete the company' })).toBeEnabled();
    });

    await test.step('its name, a reason and a fresh factor', async () => {
      await page.getByRole('button', { name: 'Delete the company' }).click();
      await dialog.getByLabel(`Type ${ann.company}`).fill('Northwind');
      await dialog.getByLabel('Reason').fill('We move elsewhere');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await dialog.getByRole('button', { name: 'Delete the company' }).click();
      await expect(dialog.getByLabel(`Type ${ann.company}`)).toHaveAttribute('aria-invalid', 'true');
      await picture(page, 'delete-dialog');
      await dialog.getByLabel(`Type ${ann.company}`).fill(ann.company);
      await dialog.getByRole('button', { name: 'Delete the company' }).click();
      await expect(page.getByRole('heading', { name: 'Your company is suspended' })).toBeVisible({ timeout: 15_000 });
      await expect(page.getByText('is to be deleted on')).toBeVisible();
      await picture(page, 'deletion-planned');
    });

    await test.step('the link in the mail keeps it', async () => {
      const token = await mailedToken(context, server, ann.email, '/take-back');
      await page.goto(`${server.url}/take-back?token=${token}`);
      await expect(page.getByRole('heading', { name: 'Keep your company?' })).toBeVisible();
      await picture(page, 'take-back');
      await page.getByRole('button', { name: 'Keep the company' }).click();
      await expect(page.getByRole('heading', { name: 'The company is kept' })).toBeVisible();
      await picture(page, 'kept');
      await page.goto(`${server.url}/audit`);
      await expect(page.getByText('Deletion of the company taken back').first()).toBeVisible();
      await expect(page.getByText('Company exported').first()).toBeVisible();
    });

    await test.step('the operator deletes it for good, and has the proof', async () => {
      const planned = server.command(
        'tenant', 'delete', ann.company, '--name', ann.company, '--reason', 'The contract ended', '--days', '0',
      );
      expect(planned.code).toBe(0);
      const id = planned.output.trim().split(/\s+/)[0] ?? '';
      await expect(() => expect(server.command('tenant', 'deletions').output).toContain('done')).toPass({
        timeout: 60_000,
      });
      const certificate = path.join(kept, 'certificate.json');
      expect(server.command('tenant', 'certificate', id, certificate).code).toBe(0);
      const proof = server.offline('tenant', 'verify-certificate', certificate);
      expect(proof.output).toContain('ok: nothing was left.');
      expect(proof.output).toContain('Northwind Health');
      expect(proof.code).toBe(0);
      await page.goto(`${server.url}/incidents`);
      await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
      expect(server.command('tenant', 'list').output).not.toContain(ann.company);
    });
    expect(complaints).toEqual([]);
  } finally {
    await server.stop();
  }
});
