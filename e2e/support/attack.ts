import { type BrowserContext, expect } from '@playwright/test';
import { ask } from './api.ts';
import type { Server } from './server.ts';

/** Sends lines as a log shipper would; each names the web server. */
export async function sendAttack(admin: BrowserContext, server: Server): Promise<void> {
  const made = await ask<{ token: string; source: { id: string } }>(admin, server, 'POST', '/sources', {
    name: 'web-01.berlin.northwind-health.example, the portal behind the second proxy',
    kind: 'linux',
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
  const answer = await fetch(`${server.url}/api/v1/ingest/${made.source.id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${made.token}`, 'content-type': 'text/plain' },
    body: lines.join('\n'),
  });
  expect(answer.status, await answer.text()).toBe(202);
}

/** The first of a list, as soon as there is one. */
export async function first(admin: BrowserContext, server: Server, list: string): Promise<{ id: string }> {
  let found: { id: string } | undefined;
  await expect
    .poll(
      async () => {
        found = (await ask<{ items: { id: string }[] }>(admin, server, 'GET', `/${list}`)).items[0];
        return found;
      },
      { timeout: 60_000 },
    )
    .toBeTruthy();
  return found as { id: string };
}
