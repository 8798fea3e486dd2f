import { expect } from '@playwright/test';
import { axe } from '../support/axe.ts';
import { type Person, signUp } from '../support/person.ts';
import { test } from '../support/test.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@roles.northwind.example',
  password: 'four plain words here 7',
};

test('a company defines a role and a policy, and what is unsafe is refused', async ({ browser, server }) => {
  const page = await (await browser.newContext()).newPage();
  const { complaints } = watch(page, /status of 4(0\d|22)/);
  await signUp(page, server, ann);
  const sections = page.getByRole('navigation', { name: 'Sections of the settings' });

  await test.step('defines a role of its own', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await sections.getByRole('link', { name: 'Roles' }).click();
    const matrix = page.getByRole('table', { name: 'Who may do what' });
    await expect(matrix.getByRole('columnheader', { name: 'Tenant admin' })).toBeVisible();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'New role' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Save role' }).click();
    await expect(dialog).toContainText('Choose at least one permission');
    await dialog.getByLabel('Name').fill('night-watch');
    await dialog.getByRole('checkbox', { name: 'incident:read' }).check();
    await dialog.getByLabel('Conditions (optional)').fill('context.hour >>= 22');
    await dialog.getByRole('button', { name: 'Save role' }).click();
    await expect(dialog).toContainText('line 1, column 15');
    expect(await axe(page)).toEqual([]);
    await dialog.getByLabel('Conditions (optional)').fill('context.hour >= 22 || context.hour < 6');
    await dialog.getByRole('button', { name: 'Save role' }).click();
    await expect(matrix.getByRole('columnheader', { name: /^night-watch/ })).toContainText('under conditions');
    expect(await axe(page)).toEqual([]);
  });
  const editor = page.getByRole('textbox', { name: 'Your company’s policies' });
  const check = page.getByRole('button', { name: 'What would change?' });
  await test.step('what cannot be read is named by line and column', async () => {
    await sections.getByRole('link', { name: 'Policies' }).click();
    await editor.fill('@id("a")\npermit (principal, action, resource) when { context.nothing == 1 };');
    await check.click();
    await expect(page.getByRole('alert', { name: 'What cannot be read' })).toContainText(/Line \d+, column \d+/);
    expect(await axe(page)).toEqual([]);
  });
  await test.step('what is unsafe is refused, with the case in words', async () => {
    await editor.fill('@id("too-much")\npermit (principal in Role::"auditor", action == Action::"user:manage", resource);');
    await check.click();
    await expect(page.getByRole('alert', { name: 'Would be refused:' })).toContainText('too-much');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    await expect(page.getByText('none yet')).toBeVisible();
    expect(await axe(page)).toEqual([]);
  });
  await test.step('what is safe says what it changes, and holds', async () => {
    await editor.fill('@id("no-rules")\nforbid (principal, action == Action::"rule:manage", resource);');
    await check.click();
    await expect(page.getByText('Proven: it keeps every promise.')).toBeVisible();
    await expect(page.getByRole('list', { name: 'What would change' })).toContainText('loses rule:manage');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Version 1 is in force')).toBeVisible();
    await page.getByRole('combobox', { name: 'Permission' }).click();
    await page.getByRole('option', { name: 'incident:read', exact: true }).click();
    await expect(page.getByRole('list', { name: 'Who may do it now?' })).toContainText('Ann Keller');
    expect(await axe(page)).toEqual([]);
    const session = await (await page.request.get(`${server.url}/api/v1/session`)).json();
    expect(session.permissions).not.toContain('rule:manage');
  });
  expect(complaints).toEqual([]);
});
