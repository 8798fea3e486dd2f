import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { signUp } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { expectAccessible, watch } from '../support/watch.ts';

const ROUTES = [
  '/',
  '/incidents',
  '/findings',
  '/events',
  '/workflows',
  '/approvals',
  '/rules',
  '/audit',
  '/settings/sources',
  '/settings/users',
  '/settings/simulator',
];
const shots = path.resolve(import.meta.dirname, '../test-results/screens');

async function look(page: Page, server: Server, state: string): Promise<void> {
  mkdirSync(shots, { recursive: true });
  for (const route of ROUTES) {
    await page.goto(server.url + route);
    await expect(page.locator('main h1, main h2').first()).toBeVisible();
    await expect(page.getByText('Loading', { exact: true })).toHaveCount(0);
    await expectAccessible(page);
    const name = `${state}${route === '/' ? '-overview' : route.replaceAll('/', '-')}`;
    for (const scheme of ['dark', 'light']) {
      await page.evaluate((s) => document.documentElement.setAttribute('data-mantine-color-scheme', s), scheme);
      await page.screenshot({ path: path.join(shots, `${name}-${scheme}.png`) });
    }
  }
}

/** Sends lines as a log shipper would; each names the web server. */
async function sendAttack(page: Page, server: Server): Promise<void> {
  const token = await page.evaluate(async () => {
    const csrf = /XSRF-TOKEN=([^;]+)/.exec(document.cookie)?.[1] ?? '';
    const made = await fetch('/api/v1/sources', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-xsrf-token': decodeURIComponent(csrf) },
      body: JSON.stringify({ name: 'web-01', kind: 'linux' }),
    });
    return (await made.json()) as { token: string; source: { id: string } };
  });
  const at = new Date();
  const stamp = (s: number) => new Date(at.getTime() - 60_000 + s * 1000).toISOString();
  const lines = Array.from(
    { length: 30 },
    (_, i) => `${stamp(i)} web-01 sshd[71${i}]: Failed password for root from 203.0.113.9 port ${40000 + i} ssh2`,
  );
  lines.push(`${stamp(31)} web-01 sshd[7200]: Accepted password for root from 203.0.113.9 port 40100 ssh2`);
  lines.push(
    `${stamp(32)} web-01 sudo:   deploy : TTY=pts/0 ; PWD=/home/deploy ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow`,
  );
  lines.push(`${stamp(33)} web-01 useradd[7300]: new user: name=backdoor, UID=0, GID=0, home=/home/backdoor, shell=/bin/bash`);
  const answer = await fetch(`${server.url}/api/v1/ingest/${token.source.id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token.token}`, 'content-type': 'text/plain' },
    body: lines.join('\n'),
  });
  expect(answer.status, await answer.text()).toBe(202);
}

test('every screen is accessible and keeps the content policy, empty and full, dark and light', async ({ browser }) => {
  test.setTimeout(480_000);
  const server = await Server.start('--developer');
  try {
    const page = await (await browser.newContext()).newPage();
    const { complaints } = watch(page);
    await signUp(page, server, {
      company: 'Northwind Health',
      name: 'Ann Keller',
      email: 'ann@northwind.example',
      password: 'four plain words here 7',
    });
    await look(page, server, 'empty');
    await sendAttack(page, server);
    await expect
      .poll(async () => (await (await page.request.get(`${server.url}/api/v1/incidents`)).json()).items.length, {
        timeout: 60_000,
      })
      .toBeGreaterThan(0);
    await look(page, server, 'full');
    expect(complaints).toEqual([]);
  } finally {
    await server.stop();
  }
});
