import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { newColleague } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { covered } from '../support/covered.ts';
import { type Person, signUp } from '../support/person.ts';
import { test } from '../support/test.ts';
import { authenticator } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@directory.northwind.example',
  password: 'four plain words here 7',
};
const bo: Person = { company: '', name: 'Bo Berg', email: 'bo@directory.northwind.example', password: 'more plain words 8' };
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
    await page.screenshot({ path: path.join(shots, `directory-${name}-${colorScheme}.png`) });
    await page.setViewportSize({ width: 390, height: 844 });
    expect.soft(await covered(page), `${name} on a telephone`).toEqual([]);
    await page.screenshot({ path: path.join(shots, `directory-${name}-narrow-${colorScheme}.png`) });
    await page.setViewportSize(wide);
  }
  await page.emulateMedia({ colorScheme: null });
}

test('a directory adds people, its groups bring roles, and it ends access at once', async ({ browser, server }) => {
  const here = await browser.newContext();
  const page = await here.newPage();
  const { complaints } = watch(page, /status of 4(0\d|22)/);
  const { secret } = await signUp(page, server, ann);
  const nextCode = authenticator(secret);
  const rows = page.getByRole('table').getByRole('row');
  const dialog = page.getByRole('dialog');
  let key = '';
  const scim = async (method: string, place: string, body?: unknown) => {
    const answer = await fetch(`${server.url}/scim/v2${place}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, json: text ? JSON.parse(text) : undefined };
  };

  await test.step('there is none, and a key lets it in', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await page
      .getByRole('navigation', { name: 'Sections of the settings' })
      .getByRole('link', { name: 'Provisioning' })
      .click();
    await expect(page.getByText('No group yet')).toBeVisible();
    await expect(page.getByText(`${server.url}/scim/v2`)).toBeVisible();
    expect(await axe(page)).toEqual([]);
    await picture(page, 'empty');
    await page.getByRole('button', { name: 'New key' }).click();
    await dialog.getByRole('button', { name: 'Make key' }).click();
    await expect(dialog).toContainText('Give the key a name');
    await expect(dialog.getByRole('checkbox')).toHaveCount(0);
    await dialog.getByLabel('Name').fill('Entra ID');
    await picture(page, 'new-key');
    await dialog.getByLabel('Code of your second factor').fill(await nextCode());
    await dialog.getByRole('button', { name: 'Make key' }).click();
    await expect(dialog.getByText('Copy it now: it is shown only this once')).toBeVisible();
    await expect(dialog).toContainText('/scim/v2/ServiceProviderConfig');
    expect(await axe(page)).toEqual([]);
    await picture(page, 'key');
    key = (await dialog.locator('code').first().textContent()) ?? '';
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    await expect(rows.filter({ hasText: 'Entra ID' })).toContainText('Active');
    expect((await scim('GET', '/Users')).status).toBe(200);
    const elsewhere = await fetch(`${server.url}/api/v1/users`, { headers: { authorization: `Bearer ${key}` } });
    expect(elsewhere.status).toBe(401);
  });

  const colleague = await browser.newContext();
  const theirs = await test.step('a colleague has a role by hand, somebody new has none', async () => {
    await newColleague(here, colleague, server, bo, 'auditor');
    const found = await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${bo.email}"`)}`);
    const added = await scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'cy@directory.northwind.example',
      displayName: 'Cy Dahl',
      active: true,
    });
    expect(added.status).toBe(201);
    const id: string = found.json.Resources[0].id;
    for (const [displayName, members] of [
      ['Security operations', [id, added.json.id]],
      ['Everybody at Northwind', [id, added.json.id]],
      ['Contractors', []],
    ] as const)
      expect(
        (await scim('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) })).status,
      ).toBe(201);
    return id;
  });
  await test.step('a group brings the role that an administrator ties to it', async () => {
    await page.reload();
    await expect(rows.filter({ hasText: 'Security operations' })).toContainText('No role');
    await page.getByRole('button', { name: 'Change role of Security operations' }).click();
    await expect(dialog).toContainText('Holds for its 2 members at once');
    await dialog.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Responder' }).click();
    await picture(page, 'tie');
    await dialog.getByLabel('Code of your second factor').fill(await nextCode());
    await dialog.getByRole('button', { name: 'Change role', exact: true }).click();
    await expect(page.getByText('Members of Security operations are now Responder')).toBeVisible();
    await expect(rows.filter({ hasText: 'Security operations' })).toContainText('Responder');
    expect(await axe(page)).toEqual([]);
    await picture(page, 'groups');
    await page.getByText('Keys', { exact: true }).click();
    await expect(rows.filter({ hasText: 'Entra ID' })).toContainText('Ann Keller');
    await picture(page, 'keys');
    await page
      .getByRole('navigation', { name: 'Sections of the settings' })
      .getByRole('link', { name: 'Users' })
      .click();
    await expect(rows.filter({ hasText: 'bo@directory.northwind.example' })).toContainText('Responder');
    await expect(rows.filter({ hasText: 'cy@directory.northwind.example' })).toContainText('Invited');
    await picture(page, 'users');
  });
  await test.step('without a role one is told that there is none', async () => {
    const nobody = await browser.newContext();
    const dee = { company: '', name: 'Dee Frost', email: 'dee@directory.northwind.example', password: 'yet more words 99' };
    await newColleague(here, nobody, server, dee, 'none');
    const screen = await nobody.newPage();
    await screen.goto(server.url);
    await expect(screen.getByRole('main')).toContainText('You have no role yet');
    expect(await axe(screen)).toEqual([]);
    await picture(screen, 'no-role');
    await screen.close();
  });
  await test.step('whose access it ends is out at once', async () => {
    const screen = await colleague.newPage();
    await screen.goto(`${server.url}/incidents`);
    await expect(screen.getByRole('navigation').first()).toBeVisible();
    const ended = await scim('PATCH', `/Users/${theirs}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
    });
    expect(ended.status).toBe(200);
    expect((await colleague.request.get(`${server.url}/api/v1/users`)).status()).toBe(401);
    // the open screen finds out by itself, through its socket
    await expect(screen).toHaveURL(/\/sign-in/);
    await page.reload();
    await expect(rows.filter({ hasText: 'bo@directory.northwind.example' })).toContainText('Disabled');
  });
  await test.step('the trail tells it', async () => {
    await page.goto(`${server.url}/audit`);
    await expect(page.getByRole('main')).toContainText('Account disabled');
    await expect(page.getByRole('main')).toContainText('Role of a group changed');
    await expect(page.getByRole('main')).toContainText('Person added by the directory');
    await picture(page, 'audit');
  });
  await test.step('a revoked key lets nobody in', async () => {
    await page.goto(`${server.url}/settings/provisioning`);
    await page.getByText('Keys', { exact: true }).click();
    await page.getByRole('button', { name: 'Revoke Entra ID' }).click();
    await dialog.getByRole('button', { name: 'Revoke Entra ID' }).click();
    await expect(rows.filter({ hasText: 'Entra ID' })).toContainText('Revoked');
    expect((await scim('GET', '/Users')).status).toBe(401);
  });
  expect(complaints).toEqual([]);
});
