import { expect, type Page, test } from '@playwright/test';
import { newTenant } from '../support/api.ts';
import { type Person, signUp } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { evtxSample, hasSharedData, sigmaRules } from '../support/shared.ts';
import { watch } from '../support/watch.ts';

const ATTACK = 'Lateral Movement/LM_wmiexec_impacket_sysmon_whoami.evtx';
const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@northwind.example',
  password: 'four plain words here 7',
};
const bob: Person = {
  company: 'Contoso Dental',
  name: 'Bob Ortiz',
  email: 'bob@contoso.example',
  password: 'another set of words 9',
};

test.skip(!hasSharedData, 'needs the shared recordings and rules beside the checkout');

/** Imports the rules, publishes the response, uploads the attack; ends with the approval on screen. */
async function attackUntilApproval(page: Page, server: Server): Promise<void> {
  await page.goto(`${server.url}/rules`);
  const rules = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Import rules' }).first().click();
  await (await rules).setFiles(sigmaRules);
  const imported = page.getByRole('region', { name: 'Import rules' }).getByRole('status');
  await expect(imported).toHaveText(/2,711 files, .* loaded, .* refused/, { timeout: 90_000 });
  const [, loaded, unchanged, refused] = /2,711 files, ([\d,]+) loaded, ([\d,]+) unchanged, ([\d,]+) refused/
    .exec((await imported.textContent()) ?? '')
    ?.map((n) => Number(n.replaceAll(',', ''))) ?? [0, 0, 0, 0];
  expect((loaded ?? 0) + (unchanged ?? 0) + (refused ?? 0)).toBe(2711);
  expect(loaded).toBeGreaterThan(2000);

  await page.goto(`${server.url}/workflows`);
  await page.getByRole('button', { name: 'Create workflow' }).first().click();
  await page.getByRole('button', { name: /Incident response/ }).click();
  await expect(page.getByText('No problems')).toBeVisible();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByText(/is published/)).toBeVisible();

  await page.goto(`${server.url}/incidents`);
  await expect(page.getByText('No incidents yet')).toBeVisible();
  const feeder = await page.context().newPage();
  await feeder.goto(`${server.url}/events`);
  await feeder.getByRole('button', { name: 'Upload events' }).first().click();
  const files = feeder.waitForEvent('filechooser');
  await feeder.getByRole('button', { name: 'Choose files' }).click();
  await (await files).setFiles(evtxSample(ATTACK));
  await expect(feeder.getByRole('complementary', { name: 'Uploads' })).toContainText('7 records', {
    timeout: 60_000,
  });
  await feeder.close();

  // The open page shows the incident by itself.
  await expect(page.getByText('No incidents yet')).toBeHidden({ timeout: 60_000 });
  await page.goto(`${server.url}/approvals`);
  await expect(page.getByText(/^Isolate .*\?$/).first()).toBeVisible({ timeout: 60_000 });
}

async function approve(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Isolate .*\?$/ }).first().click();
  const detail = page.getByRole('complementary', { name: /^Approval/ });
  await detail.getByRole('button', { name: /^Approve/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Isolate endpoint');
  await dialog.getByRole('button', { name: /^Approve/ }).click();
  await expect(dialog).toBeHidden();
}

/** One finished run, one isolated host, one mail about it, an intact audit trail. */
async function expectHandled(page: Page, server: Server): Promise<void> {
  const runs = await page.request.get(`${server.url}/api/v1/runs`);
  const run = (await runs.json()).items[0];
  await page.goto(`${server.url}/runs/${run.id}`);
  await expect(page.getByText('Succeeded').first()).toBeVisible({ timeout: 60_000 });
  await expect
    .poll(async () => (await (await page.request.get(`${server.url}/api/v1/runs/${run.id}`)).json()).state, {
      timeout: 60_000,
    })
    .toBe('succeeded');

  await page.goto(`${server.url}/settings/simulator`);
  await expect(page.getByText('Isolated', { exact: true })).toHaveCount(1);

  const mails = (await (await page.request.get(`${server.url}/api/v1/developer/mailbox?limit=200`)).json()).items;
  expect(mails.filter((m: { subject: string }) => m.subject.includes('is isolated'))).toHaveLength(1);
  expect(mails.filter((m: { subject: string }) => m.subject.startsWith('Approval needed'))).toHaveLength(1);

  const acted = async () => {
    const trail = await page.request.get(`${server.url}/api/v1/audit?action=action.done&limit=200`);
    return (await trail.json()).items.map((e: { detail: { step: string } }) => e.detail.step) as string[];
  };
  await expect.poll(async () => (await acted()).length).toBeGreaterThan(1);
  expect(new Set(await acted()).size, 'each action stands in the trail once').toBe((await acted()).length);

  await page.goto(`${server.url}/audit`);
  await expect(page.getByText('Approval given').first()).toBeVisible();
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText(/entries are unchanged and in their order/)).toBeVisible();
}

test('from sign-up to a verified action and an intact audit trail', async ({ browser }) => {
  test.setTimeout(480_000);
  const server = await Server.start('--developer');
  try {
    const page = await (await browser.newContext()).newPage();
    const { complaints } = watch(page);
    await signUp(page, server, ann);
    await attackUntilApproval(page, server);
    await approve(page);
    await expectHandled(page, server);
    expect(complaints).toEqual([]);

    await test.step('another tenant sees none of it', async () => {
      const mine = await (await page.request.get(`${server.url}/api/v1/incidents`)).json();
      const run = (await (await page.request.get(`${server.url}/api/v1/runs`)).json()).items[0];
      const other = await (await browser.newContext()).newPage();
      await newTenant(other.context(), server, bob);
      await other.goto(server.url);
      for (const path of [`incidents/${mine.items[0].id}`, `runs/${run.id}`, `workflows/${run.workflowId}`]) {
        const answer = await other.request.get(`${server.url}/api/v1/${path}`);
        expect(answer.status(), path).toBe(404);
      }
      for (const list of ['incidents', 'findings', 'events', 'runs', 'approvals', 'workflows'])
        expect((await (await other.request.get(`${server.url}/api/v1/${list}`)).json()).items, list).toEqual([]);
      const heard = await other.evaluate(
        ([url, runId]) =>
          new Promise<string[]>((resolve) => {
            const got: string[] = [];
            const socket = new WebSocket(url);
            socket.onmessage = (m) => {
              const message = JSON.parse(m.data);
              if (message.op === 'pong') resolve(got);
              else if (message.type) got.push(m.data);
            };
            socket.onopen = () => {
              for (const topic of ['incidents', 'findings', 'runs', 'approvals', `run:${runId}`])
                socket.send(JSON.stringify({ op: 'subscribe', topic, after: '0' }));
              socket.send(JSON.stringify({ op: 'ping' }));
            };
          }),
        [`${server.url.replace('http', 'ws')}/api/v1/live`, run.id] as const,
      );
      expect(heard).toEqual([]);
    });
  } finally {
    await server.stop();
  }
});

test('the run finishes once though the server is killed in the middle', async ({ browser }) => {
  test.setTimeout(480_000);
  const server = await Server.start('--developer');
  try {
    const page = await (await browser.newContext()).newPage();
    await newTenant(page.context(), server, ann);
    await attackUntilApproval(page, server);
    await server.kill();
    await server.restart();
    await page.goto(`${server.url}/approvals`);
    await approve(page);
    await server.kill(); // at once: the run is somewhere between approval and mail
    await server.restart();
    await expectHandled(page, server);
  } finally {
    await server.stop();
  }
});
