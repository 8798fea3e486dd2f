import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { ask, newTenant } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { Server } from '../support/server.ts';
import { watch } from '../support/watch.ts';

const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const shots = path.resolve(import.meta.dirname, '../test-results/screens');
const FAILED = 'd0000000-0000-4000-8000-000000000001';
const GUESSING = 'd0000000-0000-4000-8000-000000000002';
const BLIND = 'd0000000-0000-4000-8000-000000000003';
const DEAR = 'd0000000-0000-4000-8000-000000000004';

const base = (id: string, title: string, selection: string) => `title: ${title}
id: ${id}
logsource:
    category: test
detection:
    selection:
${selection}
    condition: selection
level: low
`;
const rules = [
  base(FAILED, 'Sign-in failed', '        kind: failed'),
  `title: Passwords guessed for one account
id: ${GUESSING}
correlation:
    type: event_count
    rules: [${FAILED}]
    group-by: [user]
    timespan: 10m
    condition:
        gte: 40
level: high
tags: [attack.t1110.001]
`,
  base(BLIND, 'Needs a field that never comes', '        colour: blue'),
  base(
    DEAR,
    'Too dear for the stream',
    `        text|re:\n${Array.from(
      { length: 200 },
      (_, i) => `            - '^[qz][a-z0-9]*[0-9][a-z]{1,${i + 1}}[0-9]$'`,
    ).join('\n')}`,
  ),
].join('---\n');

interface Finding {
  id: string;
  ruleId: string;
  eventIds: string[];
  correlation: { group: { value: string }[] } | null;
}

async function take(admin: BrowserContext, server: Server, name: string, text: string): Promise<void> {
  const token = (await admin.cookies(server.url)).find((c) => c.name === 'XSRF-TOKEN')?.value ?? '';
  const answer = await admin.request.post(`${server.url}/api/v1/rules/import`, {
    headers: { 'x-xsrf-token': decodeURIComponent(token) },
    multipart: { file: { name, mimeType: 'application/yaml', buffer: Buffer.from(text) } },
  });
  expect(await answer.json()).toMatchObject({ refused: 0, loaded: 1 });
}

async function picture(page: Page, name: string): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
    await expect(page.locator('[aria-busy="true"], [role="progressbar"]')).toHaveCount(0);
    expect.soft(await axe(page), `${name} in ${scheme}`).toEqual([]);
    if (LOOK) {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: path.join(shots, `detection-${name}-${scheme}.png`) });
    }
  }
}

test('a correlation is found once through kill -9, and rules say what they see, cost and mean', async ({ browser }) => {
  const server = await Server.start('--developer');
  try {
    const admin = await browser.newContext();
    await newTenant(admin, server, {
      company: 'Northwind Health',
      name: 'Ann Keller',
      email: 'ann@northwind.example',
      password: 'four plain words here 7',
    });
    const page = await admin.newPage();
    const { complaints } = watch(page);
    await page.goto(`${server.url}/rules`);
    await expect(page.getByText('No event has come yet. Which rules are blind')).toBeVisible();
    await picture(page, 'before');

    await take(admin, server, 'test.yml', rules);
    const made = await ask<{ token: string; source: { id: string } }>(admin, server, 'POST', '/sources', {
      name: 'sign-ins',
      kind: 'json',
    });
    const send = async (events: object[]) => {
      const answer = await fetch(`${server.url}/api/v1/ingest/${made.source.id}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/x-ndjson' },
        body: events.map((e) => JSON.stringify(e)).join('\n'),
      });
      expect(answer.status, await answer.text()).toBe(202);
    };
    const started = Date.now() - 120_000;
    const failures = (user: string, from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({
        time: new Date(started + (from + i) * 100).toISOString(),
        logsource: { category: 'test' },
        kind: 'failed',
        user,
        host: 'web-01',
      }));

    await page.goto('about:blank'); // or it would complain that the server is away
    // Each of the five reaches 40 only if what was counted before a kill still counts after it, and once.
    const users = ['ada', 'bob', 'cyd', 'dan', 'eve'];
    for (let round = 0; round < 4; round++) {
      await Promise.all(users.map((user) => send(failures(user, round * 10, round === 3 ? 9 : 10))));
      await server.kill();
      await server.restart();
    }
    const found = async () =>
      (await ask<{ items: Finding[] }>(admin, server, 'GET', '/findings?limit=200')).items;
    await expect
      .poll(async () => (await ask<{ taken: number }>(admin, server, 'GET', '/rules/correlation')).taken, {
        timeout: 60_000,
      })
      .toBe(users.length * 39);
    expect(await found()).toEqual([]);
    await send(users.flatMap((user) => failures(user, 39, 1)));
    await expect.poll(async () => (await found()).length, { timeout: 60_000 }).toBe(users.length);
    const correlated = await found();
    expect(correlated.map((f) => f.correlation?.group[0]?.value).sort()).toEqual(users);
    for (const f of correlated) expect(new Set(f.eventIds).size).toBe(40);

    // A batch is measured now and then, so a rule has to be dear more than once.
    const dear = Array.from({ length: 8 }, () => ({ logsource: { category: 'test' }, text: 'never'.repeat(1_500) }));
    await expect
      .poll(
        async () => {
          await send(dear);
          return (await ask<{ quarantined: number }>(admin, server, 'GET', '/rules/summary')).quarantined;
        },
        { timeout: 60_000, intervals: [2_000] },
      )
      .toBe(1);

    await page.goto(`${server.url}/rules`);
    await expect(page.getByText('Of the rules that are on')).toBeVisible();
    await expect(page.getByRole('region', { name: 'Correlation' })).toContainText('200 hits taken');
    await picture(page, 'rules');

    await page.goto(`${server.url}/rules?coverage=blind&q=${BLIND}`);
    await page.getByRole('row', { name: /Needs a field/ }).click();
    await expect(page.getByText('never have colour')).toBeVisible();
    await picture(page, 'blind');

    await page.goto(`${server.url}/rules?q=${DEAR}`);
    await page.getByRole('row', { name: /Too dear/ }).click();
    await expect(page.getByText('went beyond its budget')).toBeVisible();
    await picture(page, 'quarantine');
    await page.getByRole('button', { name: 'Put back' }).click();
    await page.getByRole('button', { name: 'Put “Too dear for the stream” back' }).click();
    await expect(page.getByText('went beyond its budget')).toBeHidden();

    // Each machine that the events name is listed, and leads to its events.
    await page.goto(`${server.url}/inventory`);
    const machine = page.getByRole('row').nth(1);
    await expect(machine).toContainText('Active');
    const name = (await machine.getByRole('cell').first().innerText()).trim();
    await picture(page, 'assets');
    await page.getByRole('textbox', { name: 'Filter by name' }).fill('no machine is called so');
    await expect(page.getByText('No machine matches')).toBeVisible();
    await page.getByRole('button', { name: 'Clear filter' }).first().click();
    await machine.click();
    await expect(page).toHaveURL(new RegExp(`/events\\?host=${name}`));

    const [one] = correlated;
    await page.goto(`${server.url}/findings?finding=${one?.id}`);
    await expect(page.getByText('event_count 40 (wanted: >= 40) within 10m')).toBeVisible();
    await page.getByRole('button', { name: 'Explain with today' }).click();
    await expect(page.getByText('The event counts', { exact: true })).toBeVisible();
    await picture(page, 'finding');

    await page.goto(`${server.url}/rules?q=${BLIND}`);
    await page.getByRole('row', { name: /Needs a field/ }).click();
    await page.getByLabel('or paste the id of an event').fill(one?.eventIds[0] ?? '');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await expect(page.getByText('It does not fire')).toBeVisible();
    await picture(page, 'explanation');
    await page.getByLabel('or paste the id of an event').fill('00000000-0000-4000-8000-000000000000');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await expect(page.getByText('There is no event with that id')).toBeVisible();
    expect(complaints).toEqual([]);
  } finally {
    await server.stop();
  }
});
