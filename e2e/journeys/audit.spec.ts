import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@playwright/test';
import { ask, newTenant } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { test } from '../support/test.ts';
import { watch } from '../support/watch.ts';

const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const shots = path.resolve(import.meta.dirname, '../test-results/screens');
const command = path.resolve(import.meta.dirname, '../../cybershield');

test('an auditor filters the trail, signs it, takes it away and checks it without the server', async ({ browser, server }) => {
  test.setTimeout(240_000);
  mkdirSync(shots, { recursive: true });
  const context = await browser.newContext({ acceptDownloads: true, colorScheme: 'light' });
  const ann = {
    company: 'Northwind Health',
    name: 'Ann Keller',
    email: 'ann@audit.northwind.example',
    password: 'four plain words here 7',
  };
  await newTenant(context, server, ann);
  await ask(context, server, 'PUT', '/run-limits', { most: 5 });
  const page = await context.newPage();
  const { complaints } = watch(page, /status of 500/);
  const look = async (name: string) => {
    expect.soft(await axe(page), name).toEqual([]);
    if (!LOOK) return;
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: path.join(shots, `audit-${name}-${scheme}.png`) });
    }
    await page.setViewportSize({ width: 390, height: 844 });
    await page.screenshot({ path: path.join(shots, `audit-${name}-narrow.png`) });
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.emulateMedia({ colorScheme: 'light' });
  };
  await page.goto(`${server.url}/audit`);
  const table = page.getByRole('main');

  await test.step('an entry shows what was changed, before and after', async () => {
    await table.getByText('Limit of all runs set').first().click();
    const row = page.getByRole('row', { name: /Most/ });
    await expect(row).toContainText('none');
    await expect(row).toContainText('5');
    await look('entry');
    await page.getByRole('button', { name: 'Close', exact: true }).click();
  });
  await test.step('filters leave what was asked for, and stand in the address', async () => {
    await page.getByRole('combobox', { name: 'Outcome' }).click();
    await page.getByRole('option', { name: 'Denied' }).click();
    await expect(table).toContainText('No entry matches');
    await look('no-match');
    expect(page.url()).toContain('outcome=denied');
    await page.getByRole('button', { name: 'Clear filter' }).first().click();
    await page.getByRole('textbox', { name: 'On what' }).fill('tenant');
    await expect(table).toContainText('Workspace created');
    await expect(table).not.toContainText('Second factor set up');
    await page.getByRole('button', { name: 'Clear filter' }).first().click();
  });
  await test.step('signs a checkpoint', async () => {
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('No checkpoint is signed yet.');
    await dialog.getByRole('button', { name: 'Sign a checkpoint now' }).click();
    await expect(dialog).toContainText('Signed with key');
    await look('verify');
    await page.keyboard.press('Escape');
  });
  const fetched = async (item: RegExp, name: string) => {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const waiting = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    const file = path.join(server.data, name);
    await (await waiting).saveAs(file);
    return file;
  };
  await test.step('takes it away and checks it without the server', async () => {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await look('export');
    await page.keyboard.press('Escape');
    const file = await fetched(/^Lines of JSON/, 'audit.jsonl');
    const keys = await fetched(/^Public keys/, 'keys.pem');
    const verify = () => spawnSync(command, ['audit', 'verify', file, '--key', keys], { encoding: 'utf8' });
    const good = verify();
    expect(good.stdout + good.stderr).toContain('ok: ');
    expect(good.status).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replace('Ann Keller', 'Ann Kellar'));
    const bad = verify();
    expect(bad.stdout).toContain('line 2, entry 1: was changed');
    expect(bad.status).toBe(1);
    expect(readFileSync(await fetched(/^CSV/, 'audit.csv'), 'utf8')).toContain('audit.exported');
  });
  await test.step('says what failed', async () => {
    await page.route(/\/api\/v1\/audit\?/, (route) => route.fulfill({ status: 500, body: '{}' }));
    await page.route(/\/api\/v1\/audit$/, (route) => route.fulfill({ status: 500, body: '{}' }));
    await page.reload();
    await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
    await look('failing');
  });
  expect(complaints).toEqual([]);
});
