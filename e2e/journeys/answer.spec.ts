import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { ask, newColleague, newTenant } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { covered } from '../support/covered.ts';
import { Flows } from '../support/flows.ts';
import { test } from '../support/test.ts';
import { watch } from '../support/watch.ts';

const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const shots = path.resolve(import.meta.dirname, '../test-results/screens');
const company = 'Northwind Health';

/** In both schemes, and on a telephone. */
async function picture(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect.soft(await axe(page), `${name} in ${colorScheme}`).toEqual([]);
    if (!LOOK) continue;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: path.join(shots, `answer-${name}-${colorScheme}.png`) });
    const wide = page.viewportSize() ?? { width: 1440, height: 900 };
    await page.setViewportSize({ width: 390, height: 844 });
    expect.soft(await covered(page), `${name} on a telephone`).toEqual([]);
    await page.screenshot({ path: path.join(shots, `answer-${name}-narrow-${colorScheme}.png`) });
    await page.setViewportSize(wide);
  }
  await page.emulateMedia({ colorScheme: null });
}

test('a run whose starter has left waits for somebody who answers for it', async ({ browser, server }) => {
  const admin = await browser.newContext();
  const rita = await browser.newContext();
  await newTenant(admin, server, {
    company,
    name: 'Ann Keller',
    email: 'ann@answer.northwind.example',
    password: 'four plain words here 7',
  });
  await newColleague(
    admin,
    rita,
    server,
    { company, name: 'Rita Moss', email: 'rita@answer.northwind.example', password: 'more plain words 8' },
    'responder',
  );
  const account = (await ask<{ user: { id: string } }>(rita, server, 'GET', '/session')).user.id;
  const workflow = await new Flows(admin, server).published(
    'Tell the customer when the ticket is closed',
    ['manual', 'Started by hand'],
    ['wait', 'Wait for the ticket', { signal: 'closed' }],
    ['send-email', 'Tell the customer', { to: 'role:tenant-admin', subject: 'Closed', text: 'It is closed.' }],
  );
  const run = await new Flows(rita, server).start(workflow);
  const page = await admin.newPage();
  const { complaints } = watch(page);

  await test.step('she leaves, and the ticket is closed', async () => {
    await ask(admin, server, 'PATCH', `/users/${account}`, { disabled: true });
    await ask(admin, server, 'POST', `/runs/${run}/signals`, { signal: 'closed', key: '', payload: {} });
  });
  await test.step('the run says for whom it waits', async () => {
    await page.goto(`${server.url}/runs/${run}`);
    const waits = page.getByRole('region', { name: 'What the run waits for' });
    await expect(waits).toContainText('“Tell the customer” waits for somebody who answers for the run.');
    await expect(waits).toContainText('Rita Moss may not run workflows any more.');
    await picture(page, 'unanswered');
  });
  await test.step('somebody answers for it, and it goes on', async () => {
    await page.getByRole('button', { name: 'Answer for it' }).click();
    await expect(page.getByRole('dialog')).toContainText('It goes on in your name.');
    await picture(page, 'asked');
    await page.getByRole('dialog').getByRole('button', { name: 'Answer for it' }).click();
    await expect(page.getByText('goes on in your name', { exact: false }).first()).toBeVisible();
    await expect(page.getByRole('region', { name: 'What the run waits for' })).toHaveCount(0);
    const trail = await ask(admin, server, 'GET', '/audit?limit=50');
    expect(JSON.stringify(trail)).toContain('run.answered-for');
  });
  expect(complaints).toEqual([]);
});
