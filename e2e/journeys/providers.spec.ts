import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { first, sendAttack } from '../support/attack.ts';
import { axe } from '../support/axe.ts';
import { type Person, signUp } from '../support/person.ts';
import { test } from '../support/test.ts';
import { authenticator } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const sue: Person = {
  company: 'Harbour SOC',
  name: 'Sue Harper',
  email: 'sue@providers.harbour.example',
  password: 'four plain words here 7',
};
const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@providers.northwind.example',
  password: 'five other words there 8',
};
const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const shots = path.resolve(import.meta.dirname, '../test-results/screens');

/** Light, dark and on a telephone, where pictures are asked for. */
async function picture(page: Page, name: string): Promise<void> {
  if (!LOOK) return;
  mkdirSync(shots, { recursive: true });
  const size = page.viewportSize();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    // Colours that still fade from the other scheme are nobody's.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished)));
    expect.soft(await axe(page), `${name} in ${scheme}`).toEqual([]);
    await page.screenshot({ path: path.join(shots, `${name}-${scheme}.png`) });
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: path.join(shots, `${name}-narrow.png`) });
  if (size) await page.setViewportSize(size);
}

test('a customer lets a provider in, sees what it does, and ends it while the provider looks on', async ({ browser, server }) => {
  test.setTimeout(400_000);
  const there = await browser.newContext();
  const soc = await there.newPage();
  const socSaid = watch(soc, /status of 40[34]/);
  const socCode = authenticator((await signUp(soc, server, sue)).secret);
  const here = await browser.newContext();
  const own = await here.newPage();
  const ownSaid = watch(own, /status of (403|410)/);
  const ownCode = authenticator((await signUp(own, server, ann)).secret);
  await sendAttack(here, server);
  const incident = await first(here, server, 'incidents');
  const dialog = soc.getByRole('dialog');
  const tabs = soc.getByRole('radiogroup', { name: 'What is shown' });
  const asked = own.getByRole('dialog');
  const socRows = soc.getByRole('table').getByRole('row');
  const ownRows = own.getByRole('table').getByRole('row');

  await test.step('the operator makes a company a provider', async () => {
    await expect(soc.getByRole('link', { name: 'Customers' })).toHaveCount(0);
    const made = server.command('tenant', 'provider', 'Harbour SOC');
    expect(made.output).toContain('Harbour SOC is a provider now.');
    expect(made.code).toBe(0);
    await soc.reload();
    await soc.getByRole('link', { name: 'Customers' }).click();
    await expect(soc.getByRole('heading', { name: 'Customers' })).toBeVisible();
  });

  await test.step('somebody of it gets a role for customers', async () => {
    await tabs.getByText('People').click();
    await socRows.filter({ hasText: 'Sue Harper' }).getByRole('button', { name: 'Give a role' }).click();
    await dialog.getByLabel('Code of your second factor').fill(await socCode());
    await dialog.getByRole('button', { name: 'Give a role' }).click();
    await expect(socRows.filter({ hasText: 'Sue Harper' })).toContainText('Provider analyst');
    expect(await axe(soc)).toEqual([]);
    await picture(soc, 'provider-people');
  });

  const code = await test.step('and asks for access', async () => {
    await tabs.getByText('Access').click();
    await expect(soc.getByText('Nothing asked yet')).toBeVisible();
    await soc.getByRole('button', { name: 'Ask a customer' }).first().click();
    await dialog.getByRole('checkbox', { name: 'Provider responder' }).check();
    await dialog.getByLabel('What for').fill('Night watch, as in our contract of May.');
    await picture(soc, 'provider-ask');
    expect(await axe(soc)).toEqual([]);
    await dialog.getByLabel('Code of your second factor').fill(await socCode());
    await dialog.getByRole('button', { name: 'Make the code' }).click();
    await expect(dialog.getByText('is shown only now')).toBeVisible();
    const text = (await dialog.locator('code').textContent()) ?? '';
    await picture(soc, 'provider-code');
    await dialog.getByRole('button', { name: 'I have passed it on' }).click();
    await expect(socRows.filter({ hasText: 'Code handed over' })).toContainText('Open');
    return text;
  });

  await test.step('the customer sees exactly what is asked, takes some off and agrees', async () => {
    await own.goto(`${server.url}/settings/providers`);
    await expect(own.getByText('No providers')).toBeVisible();
    await own.getByRole('button', { name: 'Enter a code' }).first().click();
    await asked.getByLabel('Code of the provider').fill('made up');
    await asked.getByRole('button', { name: 'See what is asked' }).click();
    await expect(asked).toContainText('The code does not work');
    await asked.getByLabel('Code of the provider').fill(code);
    await asked.getByRole('button', { name: 'See what is asked' }).click();
    await expect(own.getByRole('heading', { name: 'Harbour SOC asks' })).toBeVisible();
    await expect(asked).toContainText('Night watch, as in our contract of May.');
    await expect(asked).toContainText('incident:write');
    await picture(own, 'provider-asked');
    expect(await axe(own)).toEqual([]);
    await asked.getByRole('checkbox', { name: 'Provider responder' }).uncheck();
    await asked.getByText('Named people').click();
    await asked.getByRole('checkbox', { name: /Sue Harper/ }).check();
    await asked.getByRole('button', { name: 'Agree' }).click();
    await expect(asked).toContainText('you are letting another company in');
    await asked.getByLabel('Code of your second factor').fill(await ownCode());
    await asked.getByRole('button', { name: 'Agree' }).click();
    await expect(ownRows.filter({ hasText: 'Harbour SOC' })).toContainText('Live');
    await expect(ownRows.filter({ hasText: 'Harbour SOC' })).toContainText('Never');
    expect(await axe(own)).toEqual([]);
  });

  await test.step('the provider sees all its customers, and opens one', async () => {
    await tabs.getByText('All').click();
    const row = socRows.filter({ hasText: 'Northwind Health' });
    await expect(row).toContainText(/Critical|High/);
    await picture(soc, 'provider-customers');
    expect(await axe(soc)).toEqual([]);
    await tabs.getByText('Incidents').click();
    await expect(socRows.filter({ hasText: 'Northwind Health' }).first()).toBeVisible();
    await picture(soc, 'provider-incidents');
    await soc.goto(`${server.url}/customers`);
    await soc.getByRole('link', { name: 'Open Northwind Health' }).click();
    await expect(soc.getByRole('status', { name: 'In whose company you are' })).toContainText(
      'You are in Northwind Health for Harbour SOC as Provider analyst',
    );
    expect(new URL(soc.url()).pathname).toMatch(/^\/in\/[0-9a-f-]{36}\/?$/);
  });

  await test.step('where it is the same product, with less in it', async () => {
    const main = soc.getByRole('navigation', { name: 'Main' });
    await expect(main.getByRole('link', { name: 'Audit trail' })).toHaveCount(0);
    await expect(main.getByRole('link', { name: 'Customers' })).toHaveCount(0);
    await main.getByRole('link', { name: 'Incidents' }).click();
    await expect(soc).toHaveURL(/\/in\/[0-9a-f-]{36}\/incidents/);
    await soc.goto(`${soc.url().replace(/\/incidents.*/, '')}/incidents/${incident.id}`);
    await expect(soc.getByRole('status', { name: 'In whose company you are' })).toBeVisible();
    await expect(soc.getByRole('heading', { level: 2 }).first()).toBeVisible();
    await soc.setViewportSize({ width: 390, height: 844 });
    const bar = await soc.getByRole('status', { name: 'In whose company you are' }).boundingBox();
    expect(bar).not.toBeNull();
    const seen = await soc.evaluate(
      ([x, y]) => document.elementFromPoint(x ?? 0, y ?? 0)?.closest('[role="status"]')?.textContent ?? '',
      [(bar?.x ?? 0) + 60, (bar?.y ?? 0) + 12],
    );
    expect(seen).toContain('Northwind Health');
    await soc.setViewportSize({ width: 1440, height: 900 });
    await picture(soc, 'provider-in-customer');
    expect(await axe(soc)).toEqual([]);
    await soc.getByLabel('Comment').fill('Looked at it from the harbour.');
    await soc.getByRole('button', { name: 'Comment', exact: true }).click();
    await expect(soc.getByText('Looked at it from the harbour.').first()).toBeVisible();
    await soc.goto(`${soc.url().replace(/\/incidents.*/, '')}/settings/users`);
    await expect(soc.getByRole('main')).toContainText('user:read');
  });

  await test.step('the customer sees who was here and what they did', async () => {
    await own.reload();
    const row = ownRows.filter({ hasText: 'Harbour SOC' });
    await row.getByRole('button', { name: /1 person/ }).click();
    await expect(asked).toContainText('Sue Harper (Harbour SOC)');
    await picture(own, 'provider-uses');
    await asked.getByRole('link', { name: 'What they did' }).click();
    await expect(own.getByRole('main')).toContainText('Comment added');
    await expect(own.getByRole('main')).toContainText('Sue Harper (Harbour SOC)');
    await picture(own, 'provider-trail');
  });

  await test.step('and ends it; the provider is out at once', async () => {
    await own.goto(`${server.url}/settings/providers`);
    await picture(own, 'provider-grants');
    await own.getByRole('button', { name: 'What to do with Harbour SOC' }).click();
    await own.getByRole('menuitem', { name: 'Revoke' }).click();
    await own.getByRole('button', { name: 'End the access of Harbour SOC' }).click();
    await expect(ownRows.filter({ hasText: 'Harbour SOC' })).toContainText('Revoked');
    await expect(soc.getByText('You have no access to that customer any more')).toBeVisible({ timeout: 15_000 });
    expect(new URL(soc.url()).pathname).toBe('/customers');
    await expect(soc.getByText('No customers yet')).toBeVisible();
    await picture(soc, 'provider-gone');
    await tabs.getByText('Access').click();
    await expect(socRows.filter({ hasText: 'Northwind Health' })).toContainText('Revoked');
  });
  expect(socSaid.complaints).toEqual([]);
  expect(ownSaid.complaints).toEqual([]);
});
