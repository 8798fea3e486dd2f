import { expect, type Page } from '@playwright/test';
import { ask, newColleague, newTenant } from '../support/api.ts';
import { first, sendAttack } from '../support/attack.ts';
import { axe } from '../support/axe.ts';
import type { Person } from '../support/person.ts';
import { test } from '../support/test.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@marks.northwind.example',
  password: 'four plain words here 7',
};
const bob: Person = { ...ann, name: 'Bob Ortiz', email: 'bob@marks.northwind.example' };

const row = (page: Page) => page.getByRole('table', { name: 'Assets' }).getByRole('row', { name: /web-01/ });

test('a machine is marked, and whoever lacks the clearance sees nothing of it', async ({ browser, server }) => {
  const admin = await browser.newContext();
  const colleague = await browser.newContext();
  await newTenant(admin, server, ann);
  await newColleague(admin, colleague, server, bob, 'analyst');
  await sendAttack(admin, server);
  const incident = await first(admin, server, 'incidents');
  const page = await admin.newPage();
  const other = await colleague.newPage();
  const { complaints } = watch(page);
  await other.goto(`${server.url}/incidents`);
  await expect(other.getByText('INC-1').first()).toBeVisible();

  await test.step('says what the machine is', async () => {
    await page.goto(`${server.url}/inventory`);
    await row(page).getByRole('button', { name: 'What web-01 is' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Criticality' }).click();
    await page.getByRole('option', { name: 'Vital' }).click();
    await dialog.getByRole('combobox', { name: 'Classification' }).click();
    await page.getByRole('option', { name: 'CUI' }).click();
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await expect(row(page)).toContainText('Vital');
    await expect(row(page)).toContainText('CUI');
    await page.getByRole('radiogroup', { name: 'Which machines' }).getByText('Marked').click();
    await expect(row(page)).toBeVisible();
    expect(await axe(page)).toEqual([]);
  });
  await test.step('the open screen of a colleague without clearance loses it', async () => {
    await expect(other.getByText('No incidents yet')).toBeVisible({ timeout: 30_000 });
    await other.goto(`${server.url}/incidents/${incident.id}`);
    await expect(other.getByText('There is no incident with that id.').first()).toBeVisible();
    await other.goto(`${server.url}/inventory`);
    await expect(other.getByText('No machines yet')).toBeVisible();
  });
  await test.step('clearance brings it back', async () => {
    await page.goto(`${server.url}/settings/users`);
    await page.getByRole('button', { name: /Bob Ortiz/ }).click();
    await page.getByRole('menuitem', { name: 'Change role or clearance' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Clearance' }).click();
    await page.getByRole('option', { name: 'CUI' }).click();
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Change role of Bob Ortiz' }).click();
    await expect(page.getByRole('row', { name: /Bob Ortiz/ })).toContainText('CUI');
    await other.goto(`${server.url}/incidents/${incident.id}`);
    await expect(other.getByRole('complementary', { name: 'Incident detail' })).toContainText('web-01');
  });
  await test.step('the incident is put on paper', async () => {
    await page.goto(`${server.url}/incidents/${incident.id}`);
    await page.getByRole('link', { name: 'Report' }).click();
    const sheet = page.getByRole('article', { name: 'Incident report' });
    await expect(sheet).toContainText('INC-1');
    await expect(sheet).toContainText('Made on');
    await expect(sheet).toContainText('by Ann Keller for Northwind Health');
    expect(await axe(page)).toEqual([]);
    await page.emulateMedia({ media: 'print' });
    await expect(sheet).toBeVisible();
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
    await expect(page.getByRole('button', { name: 'Print or save as PDF' })).toBeHidden();
    await page.emulateMedia({ media: null });
  });
  expect(complaints).toEqual([]);
  expect((await ask<{ items: unknown[] }>(admin, server, 'GET', '/audit?action=asset.marked')).items).toHaveLength(1);
});
