import { expect, type Page } from '@playwright/test';
import { ask } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { Authenticator } from '../support/passkey.ts';
import { keepCodes, type Person, signUpToSecondFactor } from '../support/person.ts';
import { test } from '../support/test.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@passkey.northwind.example',
  password: 'four plain words here 7',
};

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /account of Ann Keller/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
}

test('a passkey is the first second factor, opens alone, and is followed by another', async ({ browser, server }) => {
  // Browsers know no passkeys for numbers.
  server.host = 'localhost';
  const context = await browser.newContext();
  const page = await context.newPage();
  const { complaints } = watch(page, /status of 4(0\d|22)/);
  const passkeys = page.getByRole('list', { name: 'Passkeys' }).getByRole('listitem');

  await test.step('signs up', () => signUpToSecondFactor(page, server, ann));
  // Only now: mailed links lead to the number, and on the way there a page loses its devices.
  const device = await Authenticator.plugInto(page);
  await test.step('chooses a passkey; the first try ends without one', async () => {
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Use an authenticator app instead' }).click();
    await expect(page.getByLabel('3. Enter the six digits it shows')).toBeVisible();
    await page.getByRole('button', { name: 'Use a passkey instead' }).click();
    await device.verifies(false);
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await expect(page.getByRole('alert')).toContainText('No passkey was used');
    expect(await axe(page)).toEqual([]);
    await device.verifies(true);
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    expect(await keepCodes(page)).toHaveLength(10);
    const [kept] = await device.passkeys();
    expect(kept).toMatchObject({ rpId: 'localhost', isResidentCredential: true });
    expect(Buffer.from(kept?.userHandle ?? '', 'base64')).toHaveLength(32);
  });
  await test.step('signs out, and in with the passkey alone', async () => {
    await signOut(page);
    await device.verifies(false);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page.getByRole('alert')).toContainText('No passkey was used');
    expect(await axe(page)).toEqual([]);
    await device.verifies(true);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page.getByRole('navigation').first()).toBeVisible();
  });
  await test.step('or after the password', async () => {
    await signOut(page);
    await page.getByLabel('Work email').fill(ann.email);
    await page.getByLabel('Password', { exact: true }).fill(ann.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Use your passkey' })).toBeVisible();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await expect(page.getByLabel('Recovery code')).toBeVisible();
    await page.getByRole('button', { name: 'Use your passkey instead' }).click();
    await page.getByRole('button', { name: 'Use your passkey', exact: true }).click();
    await expect(page.getByRole('navigation').first()).toBeVisible();
  });
  await test.step('the only one cannot be removed', async () => {
    await page.goto(`${server.url}/account`);
    await expect(passkeys).toHaveCount(1);
    await expect(passkeys.first()).toContainText('Chrome on Linux');
    await page.getByRole('button', { name: 'Remove: Chrome on Linux' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove Chrome on Linux' }).click();
    await expect(page.getByText('This is your only second factor.')).toBeVisible();
    await expect(passkeys).toHaveCount(1);
  });
  const key = await test.step('adds a second one, after the first was shown once more', async () => {
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('Confirm that it is you');
    expect(await axe(page)).toEqual([]);
    await dialog.getByLabel('Recovery code').fill('WRONG-WRONG-WRONG-WRONG');
    await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(dialog).toContainText('This code is wrong or was used already');
    await dialog.getByRole('button', { name: 'Use your passkey' }).click();
    await dialog.getByLabel('Name').fill('Blue key');
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create the passkey' }).click();
    await expect(dialog.getByRole('alert')).toContainText('already holds a passkey');
    await device.unplug();
    const other = await Authenticator.plugInto(page, 'usb');
    await dialog.getByRole('button', { name: 'Create the passkey' }).click();
    await expect(page.getByText('Passkey added: Blue key')).toBeVisible();
    await expect(passkeys).toHaveCount(2);
    expect(await axe(page)).toEqual([]);
    return other;
  });
  await test.step('renames it and removes the first', async () => {
    await page.getByRole('button', { name: 'Rename: Blue key' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await expect(page.getByRole('dialog')).toContainText('Enter a name for the passkey');
    await page.getByRole('dialog').getByLabel('Name').fill('Key on the ring');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await expect(passkeys.filter({ hasText: 'Key on the ring' })).toHaveCount(1);
    await page.getByRole('button', { name: 'Remove: Chrome on Linux' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove Chrome on Linux' }).click();
    await expect(passkeys).toHaveCount(1);
  });
  await test.step('makes new recovery codes with it, and signs in', async () => {
    await page.getByRole('button', { name: 'New recovery codes' }).click();
    await page.getByRole('button', { name: 'Make new codes with your passkey' }).click();
    await page.getByLabel('I have kept them in a safe place').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(page.getByRole('navigation').first()).toBeVisible();
    expect(await key.passkeys()).toHaveLength(1);
  });
  await test.step('all of it stands in the trail, in words, and was told by mail', async () => {
    await page.goto(`${server.url}/audit`);
    const table = page.getByRole('table');
    for (const did of [
      'Second factor set up',
      'Second factor shown once more',
      'Second factor refused',
      'Passkey added',
      'Passkey renamed',
      'Passkey removed',
    ])
      await expect(table.getByRole('row').filter({ hasText: did }).first()).toBeVisible();
    const mails = await ask<{ items: { subject: string }[] }>(context, server, 'GET', '/developer/mailbox?limit=200');
    for (const what of ['added', 'removed'])
      expect(mails.items.map((m) => m.subject)).toContain(`A passkey of your CyberShield account was ${what}`);
  });
  await test.step('where passkeys cannot be used, the page says so', async () => {
    const named = server.url;
    server.host = '127.0.0.1';
    await page.goto(`${server.url}/sign-in`);
    await expect(page.getByRole('main')).toContainText(`Passkeys work at ${named} only`);
    await expect(page.getByRole('link', { name: named })).toHaveAttribute('href', `${named}/sign-in`);
    await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toHaveCount(0);
    expect(await axe(page)).toEqual([]);
  });
  expect(complaints).toEqual([]);
});
