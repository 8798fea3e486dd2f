import { expect } from '@playwright/test';
import { axe } from '../support/axe.ts';
import { type Person, signUp } from '../support/person.ts';
import { test } from '../support/test.ts';
import { authenticator } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@keys.northwind.example',
  password: 'four plain words here 7',
};
const SOON = 10 * 60;

test('a program gets a key and loses it, and the company says how long sessions live', async ({ browser, server }) => {
  const here = await browser.newContext();
  const page = await here.newPage();
  const { complaints } = watch(page, /status of 4(0\d|22)/);
  const { secret } = await signUp(page, server, ann);
  const nextCode = authenticator(secret);
  const rows = page.getByRole('table').getByRole('row');
  const asks = (key: string, path: string) =>
    fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });

  await test.step('there is none, and a form that says what it lacks', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('navigation', { name: 'Sections of the settings' }).getByRole('link', { name: 'API keys' }).click();
    await expect(page.getByText('No key yet')).toBeVisible();
    await page.getByRole('button', { name: 'New key' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make key' }).click();
    await expect(dialog).toContainText('Give the key a name');
    await expect(dialog).toContainText('Choose at least one scope');
    await expect(dialog.getByRole('checkbox', { name: 'approval:decide' })).toHaveCount(0);
    await dialog.getByLabel('Name').fill('nightly export');
    await dialog.getByRole('checkbox', { name: 'user:read' }).check();
    await dialog.getByLabel('Networks (optional)').fill('127.0.0.0/8, somewhere');
    await dialog.getByLabel('Code of your second factor').fill('000000');
    await dialog.getByRole('button', { name: 'Make key' }).click();
    await expect(dialog).toContainText("'somewhere' is no network");
    expect(await axe(page)).toEqual([]);
  });
  const key = await test.step('is shown once, and opens what its scopes name', async () => {
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Networks (optional)').fill('127.0.0.0/8\n::1');
    await dialog.getByRole('button', { name: 'Make key' }).click();
    await expect(dialog).toContainText('Take the next one');
    await dialog.getByLabel('Code of your second factor').fill(await nextCode());
    await dialog.getByRole('button', { name: 'Make key' }).click();
    await expect(dialog.getByText('Copy it now: it is shown only this once')).toBeVisible();
    expect(await axe(page)).toEqual([]);
    const text = (await dialog.locator('code').first().textContent()) ?? '';
    expect((await asks(text, '/users')).status).toBe(200);
    expect((await asks(text, '/incidents')).status).toBe(403);
    expect(await (await asks(text, '/api-key')).json()).toMatchObject({ permissions: ['user:read'] });
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    await page.reload();
    await expect(rows.filter({ hasText: 'nightly export' })).toContainText(`…${text.slice(-4)}`);
    await expect(rows.filter({ hasText: 'nightly export' })).toContainText('Active');
    expect(await axe(page)).toEqual([]);
    return text;
  });
  await test.step('is revoked, and opens nothing from then on', async () => {
    await page.getByRole('button', { name: 'Revoke nightly export' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke nightly export' }).click();
    await expect(rows.filter({ hasText: 'nightly export' })).toContainText('Revoked');
    const refused = await asks(key, '/users');
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ type: '/problems/key-refused' });
  });
  await test.step('a program of the company has an account of its own', async () => {
    await page.getByText('Service accounts', { exact: true }).click();
    await expect(page.getByText('No service account yet')).toBeVisible();
    await page.getByRole('button', { name: 'Add service account' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('backup');
    await dialog.getByLabel('What it is for (optional)').fill('copies the audit trail');
    await dialog.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Auditor' }).click();
    await dialog.getByRole('button', { name: 'Add service account' }).click();
    await expect(rows.filter({ hasText: 'backup' })).toContainText('Auditor');
    await page.getByRole('button', { name: 'New key of backup' }).click();
    await dialog.getByLabel('Name').fill('copy');
    await expect(dialog.getByRole('checkbox', { name: 'user:manage' })).toHaveCount(0);
    await dialog.getByRole('checkbox', { name: 'audit:read' }).check();
    await dialog.getByLabel('Code of your second factor').fill(await nextCode());
    await dialog.getByRole('button', { name: 'Make key' }).click();
    await expect(dialog.getByText('Copy it now: it is shown only this once')).toBeVisible();
    const text = (await dialog.locator('code').first().textContent()) ?? '';
    expect((await asks(text, '/audit')).status).toBe(200);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Actions for backup' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable backup' }).click();
    await expect(rows.filter({ hasText: 'backup' })).toContainText('Disabled');
    expect((await asks(text, '/audit')).status).toBe(401);
    await page.getByText('The company’s', { exact: true }).click();
    await expect(rows.filter({ hasText: 'copy' })).toContainText('Owner disabled');
    expect(await axe(page)).toEqual([]);
  });
  await test.step('says how long sessions live', async () => {
    await page.getByRole('navigation', { name: 'Sections of the settings' }).getByRole('link', { name: 'Sessions' }).click();
    const form = page.getByRole('form', { name: 'Sessions' });
    await form.getByLabel('Without use, minutes').fill('3');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form).toContainText('must be 5 to 240');
    expect(await axe(page)).toEqual([]);
    await form.getByLabel('Without use, minutes').fill(String(SOON / 60));
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Sessions end after 10 minutes without use')).toBeVisible();
  });
  await test.step('whoever does not use it is asked, and then signed out', async () => {
    const alone = await here.newPage();
    await alone.clock.install();
    await alone.goto(`${server.url}/settings/sessions`);
    await expect(alone.getByRole('form', { name: 'Sessions' })).toBeVisible();
    await page.close();
    await alone.clock.fastForward((SOON - 30) * 1000);
    const asked = alone.getByRole('dialog', { name: 'Are you still there?' });
    await expect(asked).toContainText('You will be signed out in');
    expect(await axe(alone)).toEqual([]);
    await asked.getByRole('button', { name: 'Stay signed in' }).click();
    await expect(asked).toBeHidden();
    await alone.clock.fastForward((SOON - 30) * 1000);
    await expect(asked).toBeVisible();
    await alone.clock.fastForward(31_000);
    await expect(alone).toHaveURL(/\/sign-in\?next=/);
    await expect(alone.getByRole('main')).toContainText('You were signed out because nobody used this browser');
    const session = await (await here.request.get(`${server.url}/api/v1/session`)).json();
    expect(session).toMatchObject({ state: 'anonymous' });
  });
  expect(complaints).toEqual([]);
});
