import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, type Locator, test } from '@playwright/test';
import { ask } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { covered } from '../support/covered.ts';
import { keepCodes, type Person, signUpToSecondFactor } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { totp } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@northwind.example',
  password: 'four plain words here 7',
};
const PLANS = {
  currency: 'EUR',
  trialDays: 14,
  fallback: 'unlimited',
  plans: [
    { name: 'small', title: 'Small', offered: true, monthlyCents: 4900, limits: { users: 2, eventsPerDay: 10, retentionDays: 90, runsPerMonth: 100 } },
    { name: 'large', title: 'Large', offered: true, monthlyCents: 24900, limits: { users: 50, eventsPerDay: 100000, retentionDays: 30, runsPerMonth: 20000 } },
    { name: 'unlimited', title: 'Unlimited', offered: false, monthlyCents: 0, limits: {} },
  ],
};
/** Set to take a picture of each state. */
const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const shots = path.resolve(import.meta.dirname, '../test-results/screens');

test('a company chooses a plan, sees what it uses, meets a limit and changes the plan', async ({ browser }) => {
  const plans = path.join(os.tmpdir(), `plans-${process.pid}.json`);
  writeFileSync(plans, JSON.stringify(PLANS));
  process.env.CYBERSHIELD_BILLING_ENABLED = 'true';
  process.env.CYBERSHIELD_BILLING_PLANS = plans;
  const server = await Server.start('--developer');
  try {
    const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce' });
    const page = await context.newPage();
    const { complaints } = watch(page, /status of 4(0\d|22|29)/);
    const picture = async (name: string, at?: Locator) => {
      if (!LOOK) return;
      mkdirSync(shots, { recursive: true });
      for (const scheme of ['light', 'dark'] as const)
        for (const width of [1440, 390]) {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
          await page.setViewportSize({ width, height: 900 });
          await at?.scrollIntoViewIfNeeded();
          await page.screenshot({ path: path.join(shots, `plan-${name}-${scheme}-${width}.png`) });
        }
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1440, height: 900 });
    };
    const good = async () => {
      expect(await axe(page)).toEqual([]);
      expect(await covered(page)).toEqual([]);
    };

    await test.step('chooses a plan when signing up', async () => {
      await page.goto(`${server.url}/sign-up`);
      const offers = page.getByRole('radiogroup', { name: 'Plan' });
      await expect(offers.getByRole('radio', { name: /^Small/ })).toBeChecked();
      await expect(offers).toContainText('2 users · 10 events a day · 100 workflow runs a month');
      await good();
      await picture('sign-up');
      await signUpToSecondFactor(page, server, ann);
      const secret = (await page.locator('code').first().textContent()) ?? '';
      await page.getByLabel('3. Enter the six digits it shows').fill(totp(secret));
      await keepCodes(page);
    });
    await test.step('sees plan, trial and usage', async () => {
      await page.goto(`${server.url}/settings/plan`);
      await expect(page.getByText(/^You are trying the plan Small\. It costs nothing until/)).toBeVisible();
      await expect(page.getByRole('meter', { name: 'Users' })).toHaveAttribute('aria-valuenow', '1');
      await expect(page.getByText('There is none yet.')).toBeVisible();
      const kept = page.getByRole('region', { name: 'How long events are kept' });
      await expect(kept).toContainText('90 days');
      await expect(kept).toContainText('There are no events yet.');
      await good();
      await picture('begin');
    });
    await test.step('sees and fetches invoices', async () => {
      // A month must be over before there is one: the server's part is tested elsewhere.
      const invoice = (n: number, month: string, cents: number) => ({
        id: `0199f3c2-0000-7000-8000-00000000000${n}`,
        number: `CS-1A2B3C4D-000${n}`,
        month,
        issuedAt: `${month}-28T01:00:00Z`,
        company: 'Northwind Health',
        currency: 'EUR',
        totalCents: cents,
        lines: [],
        used: { events: 1, runs: 1 },
      });
      await page.route(/\/api\/v1\/billing\/invoices(\?|$)/, (route) =>
        route.fulfill({ json: { items: [invoice(2, '2026-10', 18233), invoice(1, '2026-09', 4900)], next: null } }),
      );
      await page.reload();
      await expect(page.getByText('€182.33')).toBeVisible();
      await expect(page.getByRole('link', { name: 'CS-1A2B3C4D-0002 CSV' })).toHaveAttribute('href', /\/csv$/);
      await good();
      await picture('invoices');
      await page.unroute(/\/api\/v1\/billing\/invoices(\?|$)/);
    });
    await test.step('is warned at 80 % and refused beyond 100 %', async () => {
      const made = await ask<{ source: { id: string }; token: string }>(context, server, 'POST', '/sources', {
        name: 'web',
        kind: 'json',
      });
      const send = (records: number) =>
        fetch(`${server.url}/api/v1/ingest/${made.source.id}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/x-ndjson' },
          body: '{"message":"sign-in"}\n'.repeat(records),
        });
      expect((await send(8)).status).toBe(202);
      const banner = page.getByRole('status', { name: 'Limits of the plan' });
      await expect(async () => {
        await page.reload();
        await expect(banner).toContainText("8 of your plan's 10 events of today are used.", { timeout: 2000 });
      }).toPass();
      await expect(page.getByText('80 % used, nearly full')).toBeVisible();
      await good();
      await picture('high');
      expect((await send(3)).status).toBe(429);
      expect((await send(2)).status).toBe(202);
      await expect(async () => {
        await page.reload();
        await expect(page.getByText('3 records were refused today.')).toBeVisible({ timeout: 2000 });
        await expect(page.getByRole('meter', { name: 'Events today' })).toHaveAttribute('aria-valuenow', '10', { timeout: 2000 });
      }).toPass();
      await expect(banner).toContainText('records are refused until tomorrow');
      await good();
      await picture('full');
    });
    await test.step('is told a week before events go, what went, and why nothing goes', async () => {
      // Days must pass before anything is old: the server's part is tested elsewhere.
      const retention = (more: object) =>
        page.route(/\/api\/v1\/billing$/, async (route) => {
          const real = await route.fetch();
          const json = await real.json();
          await route.fulfill({ json: { ...json, retention: { ...json.retention, ...more } } });
        });
      await retention({
        keptFrom: '2026-08-25',
        nextDays: 30,
        nextOn: '2026-12-01',
        nextFrom: '2026-11-01',
        oldest: '2026-08-25',
        goesOn: '2026-11-24',
        removed: 1204311,
        lastOn: '2026-11-23',
        lastEvents: 20114,
        lastBefore: '2026-08-25',
      });
      await page.reload();
      const kept = page.getByRole('region', { name: 'How long events are kept' });
      await expect(kept).toContainText('From Dec 01, 2026 on, events are kept for 30 days. Those from before Nov 01, 2026 go on that day.');
      await expect(kept).toContainText('They go on Nov 24, 2026.');
      await expect(kept).toContainText('1,204,311 events were removed so far, the last 20,114 on Nov 23, 2026');
      await good();
      await picture('notice', kept);
      await page.unroute(/\/api\/v1\/billing$/);
      await retention({ days: null, keptFrom: null, goesOn: null, held: 'hold' });
      await page.reload();
      await expect(kept).toContainText('For ever');
      await expect(kept).toContainText('A legal hold stands');
      await good();
      await picture('held', kept);
      await page.unroute(/\/api\/v1\/billing$/);
    });
    await test.step('is told why an event of long ago is not there', async () => {
      await page.goto(`${server.url}/events?event=0192e798-be00-7000-8000-000000000001`);
      const detail = page.getByRole('complementary', { name: 'Event detail' });
      // What a new company's plan says holds within a minute.
      await expect(async () => {
        await page.reload();
        await expect(detail).toContainText('It is one of 1 November 2024.', { timeout: 3000 });
      }).toPass({ timeout: 90_000 });
      await expect(detail).toContainText('are not kept: your plan keeps 90 days.');
      await expect(page.getByText(/^10 events\. Events that came in before .* are not kept: your plan keeps 90 days\./)).toBeVisible();
      await good();
      await picture('gone');
    });
    await test.step('cannot invite more people than the plan has, and is told why', async () => {
      const invite = async (name: string) => {
        await page.getByRole('button', { name: 'Invite user' }).first().click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Email').fill(`${name}@northwind.example`);
        await dialog.getByRole('button', { name: 'Send invitation' }).click();
        return dialog;
      };
      await page.goto(`${server.url}/settings/users`);
      await expect(await invite('bob')).toBeHidden();
      const dialog = await invite('cy');
      await expect(dialog.getByRole('alert')).toContainText('Your plan Small has 2 users');
      await good();
      await picture('no-room');
    });
    await test.step('changes the plan, knowing what it means', async () => {
      await page.goto(`${server.url}/settings/plan`);
      await page.getByRole('button', { name: 'Change to Large' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog).toContainText('€249.00 a month; this month comes to');
      await expect(dialog).toContainText('Events are kept for 30 days then. What is older goes after a week');
      await good();
      await picture('change');
      await dialog.getByRole('button', { name: 'Change to Large' }).click();
      await expect(page.getByText(/^You are trying the plan Large/)).toBeVisible();
      await expect(page.getByRole('listitem', { name: 'Large' })).toContainText('Your plan');
      await page.reload();
      await expect(page.getByText(/^You are trying the plan Large/)).toBeVisible();
      await good();
    });
    expect(complaints).toEqual([]);
  } finally {
    delete process.env.CYBERSHIELD_BILLING_ENABLED;
    delete process.env.CYBERSHIELD_BILLING_PLANS;
    await server.stop();
  }
});
