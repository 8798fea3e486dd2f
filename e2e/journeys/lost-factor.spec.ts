import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { newColleague, newColleagueWithApp } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { keepCodes, type Person, signUp } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { authenticator, totp } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const PICTURES = process.env.CYBERSHIELD_LOOK ? path.join(import.meta.dirname, '..', 'test-results', 'screens') : '';
const person = (name: string, email: string): Person => ({
  company: 'Northwind Health',
  name,
  email,
  password: 'four plain words here 7',
});
const ann = person('Ann Keller', 'ann@northwind.example');
const bea = person('Bea Fields', 'bea@northwind.example');
const otto = person('Otto Reade', 'otto@northwind.example');

/** In light and dark, wide and narrow. */
async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  const size = page.viewportSize();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: path.join(PICTURES, `lost-factor-${name}-${colorScheme}-${width}.png`) });
    }
  }
  if (size) await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: 'light' });
}

test('who lost every second factor sets a new one, once two administrators agreed', async ({ browser }) => {
  const server = await Server.start('--developer');
  try {
    const first = await browser.newContext();
    const page = await first.newPage();
    const { complaints } = watch(page, /status of 4(0\d|22)/);
    const { secret } = await signUp(page, server, ann);
    const annsCode = authenticator(secret);
    const second = await browser.newContext();
    const beas = await newColleagueWithApp(first, second, server, bea, 'tenant-admin');
    const beasCode = authenticator(beas.secret);
    const third = await browser.newContext();
    await newColleague(first, third, server, otto, 'analyst');

    await test.step('one administrator asks, with a code', async () => {
      await page.goto(`${server.url}/settings/users`);
      await page.getByRole('button', { name: 'Actions for Otto Reade' }).click();
      await page.getByRole('menuitem', { name: 'New second factor' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog).toContainText('Let Otto Reade set a new second factor?');
      expect(await axe(page)).toEqual([]);
      await picture(page, 'ask');
      await dialog.getByLabel('Code of your second factor').fill(await annsCode());
      await dialog.getByRole('button', { name: 'Ask for it' }).click();
      await expect(page.getByText('New: asked')).toBeVisible();
      await page.getByRole('button', { name: 'Actions for Otto Reade' }).click();
      await expect(page.getByRole('menuitem', { name: 'Stop the new second factor' })).toBeVisible();
      await expect(page.getByRole('menuitem', { name: 'Agree to a new second factor' })).toHaveCount(0);
      await page.keyboard.press('Escape');
    });
    await test.step('another one agrees, with a code of hers', async () => {
      const other = await second.newPage();
      await other.goto(`${server.url}/settings/users`);
      await other.getByRole('button', { name: 'Actions for Otto Reade' }).click();
      await other.getByRole('menuitem', { name: 'Agree to a new second factor' }).click();
      const dialog = other.getByRole('dialog');
      await expect(dialog).toContainText('Ann Keller asked for it');
      await dialog.getByLabel('Code of your second factor').fill(await beasCode());
      await dialog.getByRole('button', { name: 'Agree', exact: true }).click();
      await expect(other.getByText('New: agreed')).toBeVisible();
      await picture(other, 'agreed');
    });
    await test.step('who it is about sees it and could stop it', async () => {
      const own = await third.newPage();
      await own.goto(`${server.url}/account`);
      await expect(own.getByRole('region', { name: 'Second factor' })).toContainText(
        'Ann Keller asked that you may set a new second factor',
      );
      expect(await axe(own)).toEqual([]);
      await picture(own, 'account');
    });
    await test.step('the mail leads to the page, the password comes first, and a new factor is set', async () => {
      const away = await browser.newContext();
      const lost = await away.newPage();
      await lost.goto(`${server.url}/mailbox`);
      await lost
        .getByRole('list', { name: 'Messages' })
        .getByRole('button', { name: /^Set a new second factor for CyberShield/ })
        .click();
      await lost.getByRole('link', { name: 'Open /reset-factor' }).click();
      await expect(lost.getByRole('heading', { name: 'Set a new second factor' })).toBeVisible();
      expect(await axe(lost)).toEqual([]);
      await picture(lost, 'password');
      await lost.getByLabel('Work email').fill(otto.email);
      await lost.getByLabel('Password', { exact: true }).fill(otto.password);
      await lost.getByRole('button', { name: 'Go on' }).click();
      await expect(lost.getByRole('main')).toContainText('Two administrators agreed to it');
      expect(await axe(lost)).toEqual([]);
      await picture(lost, 'begin');
      await lost.getByRole('button', { name: 'Begin' }).click();
      await expect(lost.getByRole('heading', { name: 'Set up the second factor' })).toBeVisible();
      const fresh = (await lost.locator('code').first().textContent()) ?? '';
      await lost.getByLabel('3. Enter the six digits it shows').fill(totp(fresh));
      await keepCodes(lost);
    });
    await test.step('the old session has ended, and the trail tells it', async () => {
      const own = await third.newPage();
      await own.goto(`${server.url}/account`);
      await expect(own).toHaveURL(/\/sign-in/);
      await page.goto(`${server.url}/audit`);
      for (const did of [
        'New second factor asked for',
        'New second factor agreed to',
        'New second factor set instead of lost ones',
      ])
        await expect(page.getByRole('table').getByRole('row').filter({ hasText: did }).first()).toBeVisible();
    });
    expect(complaints).toEqual([]);
  } finally {
    await server.stop();
  }
});
