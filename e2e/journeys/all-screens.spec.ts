import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test';
import { ask, givePassword, newColleague, newCompany, newTenant, signInElsewhere } from '../support/api.ts';
import { first, sendAttack } from '../support/attack.ts';
import { axe } from '../support/axe.ts';
import { covered } from '../support/covered.ts';
import { everyState, Outside, reachesThisMachine } from '../support/flows.ts';
import { Authenticator } from '../support/passkey.ts';
import { keepCodes, signUp } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { watch } from '../support/watch.ts';

const LISTS = [
  '/',
  '/incidents',
  '/findings',
  '/events',
  '/inventory',
  '/workflows',
  '/approvals',
  '/tasks',
  '/failed-runs',
  '/insights',
  '/settings/approvals',
  '/settings/connections',
  '/settings/workflows',
  '/settings/bundles',
  '/settings/secrets',
  '/rules',
  '/audit',
  '/account',
  '/settings/sources',
  '/settings/users',
  '/settings/roles',
  '/settings/policies',
  '/settings/api-keys',
  '/settings/applications',
  '/oauth2/authorize',
  '/settings/identity-provider',
  '/settings/provisioning',
  '/settings/providers',
  '/settings/sessions',
  '/settings/plan',
  '/settings/branding',
  '/settings/data',
  '/settings/simulator',
];
const OUTSIDE = [
  '/sign-in',
  '/sign-up',
  '/verify?token=x',
  '/sign-in/link?token=x',
  '/sign-in/provider/3f1c0de5-0000-4000-8000-000000000001',
  '/invitation?token=x',
  '/forgot-password',
  '/reset-password?token=x',
  '/reset-password',
  '/confirm-email?token=x',
  '/take-back?token=x',
  '/mailbox',
];
/** Set to see every state, on a telephone too, and to take a picture of each screen: three times as long. */
const LOOK = process.env.CYBERSHIELD_LOOK === '1';
const NARROW = { width: 390, height: 844 };
const LAPTOP = { width: 1280, height: 720 };
const shots = path.resolve(import.meta.dirname, '../test-results/screens');

/** One pair of eyes: a browser whose system asks for one colour scheme. */
interface Eyes {
  scheme: 'dark' | 'light';
  page: Page;
  complaints: string[];
}
type Check = (main: Locator, route: string, eyes: Eyes) => Promise<void>;

async function open(browser: Browser, from: BrowserContext | null, provoked?: RegExp): Promise<[Eyes, Eyes]> {
  const storageState = from ? await from.storageState() : undefined;
  const one = async (scheme: Eyes['scheme']): Promise<Eyes> => {
    const context = await browser.newContext({
      ...(storageState ? { storageState } : {}),
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    return { scheme, page, ...watch(page, provoked) };
  };
  return Promise.all([one('dark'), one('light')]);
}

/** Loads every route anew in the schemes of these eyes; each must be accessible and keep the content policy. */
async function look(
  eyes: Eyes[],
  server: Server,
  state: string,
  routes: string[],
  check?: Check,
  names: Record<string, string> = {},
): Promise<void> {
  if (LOOK) mkdirSync(shots, { recursive: true });
  await Promise.all(
    eyes.map(async (each) => {
      const { page, scheme, complaints } = each;
      for (const route of routes) {
        await page.goto(server.url + route);
        const main = page.locator('main');
        await expect.soft(main.locator('h1, h2').filter({ visible: true }).first(), `${state} ${route}`).toBeVisible({ timeout: 10_000 });
        await expect(page.locator('[aria-busy="true"], [role="progressbar"]'), route).toHaveCount(0);
        await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
        await check?.(main, route, each);
        expect.soft(await axe(page), `${state} ${route} in ${scheme}`).toEqual([]);
        expect.soft(await covered(page), `${state} ${route}: every control can be pressed`).toEqual([]);
        if (LOOK) await page.screenshot({ path: path.join(shots, `${state}${names[route] ?? named(route)}-${scheme}.png`) });
      }
      expect.soft(complaints, `${state} in ${scheme}`).toEqual([]);
    }),
  );
}
const named = (route: string) =>
  route === '/' ? '-overview' : route.replace(/\?tab=/, '-').replace(/\?.*/, '').replace(/[0-9a-f-]{36}/, 'one').replaceAll('/', '-');

const EVERYTHING = /\/api\/v1\/(?!session$)/;
/** All but a workflow, a run and what nodes there are: what a screen asks for beside its subject. */
const WHAT_IS_BESIDE = /\/api\/v1\/(?!session$|node-types$|(workflows|runs)\/[0-9a-f-]{36}$)/;

/** Eyes on a server that answers with problems, and whose socket does not open. */
async function openFailing(browser: Browser, admin: BrowserContext, what = EVERYTHING): Promise<[Eyes, Eyes]> {
  const failing = await open(browser, admin, /status of 50[03]/);
  for (const { page, scheme } of failing) {
    await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => socket.close());
    await page.route(what, (route) =>
      route.fulfill(
        scheme === 'dark'
          ? { status: 503, contentType: 'text/html', body: '<h1>No server available</h1>' }
          : {
              status: 500,
              contentType: 'application/problem+json',
              body: JSON.stringify({
                type: '/problems/unexpected',
                title: 'Something went wrong on our side',
                status: 500,
                detail: 'Look for trace 5a1c in the log.',
              }),
            },
      ),
    );
  }
  return failing;
}

/** What only others may do is not offered, or says why not. */
const offersNoChange: Check = async (main, route) => {
  const offers = main.getByRole('button', {
    name: /^(Import|Create|Upload|Invite|Add |Approve|Decline|Publish|Save|Revoke|Disable|Run workflow|Take|Comment)/,
  });
  for (const offer of await offers.all())
    expect.soft(await offer.isDisabled(), `${route}: ${await offer.textContent()}`).toBe(true);
};

const saysWhatFailed: Check = async (main, route) => {
  const alert = main.getByRole('alert').first();
  await expect.soft(alert, route).toBeVisible({ timeout: 8_000 });
  await expect.soft(alert.getByRole('button', { name: 'Try again' }), route).toBeVisible({ timeout: 3_000 });
  const said = (await main.getByRole('alert').allTextContents()).map((text) => text.replace(/ Since .*/, ''));
  // A list and the detail beside it are asked for apart, and fill a region each.
  if (LISTS.includes(route)) expect.soft(said.length, `${route}: ${said.join(' | ')}`).toBe(1);
};

/** The draft is run with simulated effects, and the drawing gives way to its dock. */
const tries: Check = async (_main, _route, { page }) => {
  await page.getByRole('button', { name: 'Try with simulated effects (T)' }).click();
  const dock = page.getByRole('region', { name: 'Trial' });
  await dock.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(dock.getByText('On its own clock')).toBeVisible();
  const top = (await dock.boundingBox())?.y ?? 0;
  for (const node of await page.locator('.react-flow__node').all())
    await expect
      .poll(async () => Math.round(((await node.boundingBox())?.y ?? 0) + ((await node.boundingBox())?.height ?? 0)))
      .toBeLessThanOrEqual(top);
};
/** On a telephone a step's panel covers the run, so a run opens without. */
const opensOnTheRun: Check = async (main, route, { page }) => {
  if (!route.startsWith('/runs/')) return;
  await expect.soft(page.getByRole('complementary', { name: 'Step detail' }), route).toHaveCount(0);
  await expect.soft(main.getByRole('region', { name: 'Run monitor' }), route).toBeVisible();
};
/** A value that is kept by reference is seen in its step, with its beginning. */
const opensLarge: Check = async (_main, _route, { page }) => {
  await page.getByRole('region', { name: 'Run monitor' }).getByRole('button', { name: /Fetch the scan/ }).click();
  await page.getByRole('button', { name: /^Show/ }).first().click();
  await expect(page.getByText('"scan":"portal"').first()).toBeVisible();
};
const moves: Check = async (_main, _route, { page }) => {
  await page.getByRole('button', { name: /^Move version/ }).click();
  await expect(page.getByRole('dialog').getByText('Goes on waiting as it is.').first()).toBeVisible();
};
const WORKFLOW_LISTS = [
  '/workflows',
  '/approvals',
  '/tasks',
  '/failed-runs',
  '/insights',
  '/settings/connections',
  '/settings/workflows',
  '/settings/bundles',
];

test('every screen is accessible and keeps the content policy in every state, dark and light', async ({ browser }) => {
  test.setTimeout(LOOK ? 1_200_000 : 480_000);
  const server = await Server.start('--developer');
  try {
    const admin = await browser.newContext();
    await test.step('outside', async () =>
      look(await open(browser, null), server, 'outside', OUTSIDE, undefined, {
        '/reset-password': '-reset-password-incomplete',
      }),
    );
    const ann = {
      company: 'Northwind Health',
      name: 'Ann Keller',
      email: 'ann@northwind.example',
      password: 'four plain words here 7',
    };
    const [recoveryCode] = await newTenant(admin, server, ann);
    const eyes = await open(browser, admin);
    await test.step('empty', () => look(eyes, server, 'empty', LISTS));

    await signInElsewhere(await browser.newContext(), server, ann, recoveryCode ?? '');
    const workflow = await ask<{ id: string }>(admin, server, 'POST', '/workflows', { template: 'incident-response' });
    await ask(admin, server, 'POST', `/workflows/${workflow.id}/publish`);
    await sendAttack(admin, server);
    const incident = await first(admin, server, 'incidents');
    const run = await first(admin, server, 'runs');
    const approval = await first(admin, server, 'approvals');
    const rule = await first(admin, server, 'rules?q=sshd');
    const ones = [
      `/incidents/${incident.id}`,
      `/incidents/${incident.id}/report`,
      `/rules?rule=${rule.id}`,
      `/workflows/${workflow.id}`,
      ...['triggers', 'runs', 'versions', 'tests', 'insights'].map((tab) => `/workflows/${workflow.id}?tab=${tab}`),
      `/runs/${run.id}`,
      `/approvals/${approval.id}`,
    ];
    await test.step('full', () => look(eyes, server, 'full', LOOK ? [...LISTS, ...ones] : LISTS));
    if (!LOOK) return;
    await test.step('full, on a small laptop', async () => {
      for (const { page } of eyes) await page.setViewportSize(LAPTOP);
      await look(eyes, server, 'laptop', [...LISTS, ...ones]);
    });
    await test.step('full, on a telephone', async () => {
      for (const { page } of eyes) await page.setViewportSize(NARROW);
      await look(eyes, server, 'narrow', [...LISTS, ...ones]);
    });

    await test.step('as a role that only reads', async () => {
      const auditor = await browser.newContext();
      const otto = { company: '', name: 'Otto Reade', email: 'otto@northwind.example', password: 'more plain words 8' };
      await newColleague(admin, auditor, server, otto, 'auditor');
      await look(await open(browser, auditor), server, 'reading', [...LISTS, ...ones], offersNoChange);
    });
    await test.step('as a role that may not see a page', async () => {
      const analyst = await browser.newContext();
      const ines = { company: '', name: 'Ines Analda', email: 'ines@northwind.example', password: 'yet more words 99' };
      await newColleague(admin, analyst, server, ines, 'analyst');
      await look(await open(browser, analyst), server, 'denied', ['/audit'], async (main) => {
        await expect(main).toContainText('You may not see this');
        await expect(main).toContainText('audit:read');
        await expect(main).toContainText('Tenant admin, Compliance manager, or Auditor');
        await expect(main.getByRole('link', { name: 'Ann Keller' })).toHaveAttribute('href', 'mailto:ann@northwind.example');
      });
    });
    await test.step('with a server that fails and a socket that does not open', async () => {
      const failing = await openFailing(browser, admin);
      const asking = LISTS.filter((route) => route !== '/oauth2/authorize'); // without a question it asks nothing
      await look(failing, server, 'failing', [...asking, ...ones], saysWhatFailed);
    });
  } finally {
    await server.stop();
  }
});

/** Those that a run goes through, and what a workflow has beside its drawing; only where pictures are asked for. */
test('the screens of workflows are accessible in every state of a run, dark and light', async ({ browser }) => {
  test.skip(!LOOK, 'Set CYBERSHIELD_LOOK=1 to look at every state.');
  test.setTimeout(900_000);
  reachesThisMachine();
  const outside = { well: await Outside.open(), away: await Outside.open() };
  const server = await Server.start('--developer');
  try {
    const admin = await browser.newContext();
    await newTenant(admin, server, {
      company: 'Northwind Health',
      name: 'Ann Keller',
      email: 'ann@northwind.example',
      password: 'four plain words here 7',
    });
    const eyes = await open(browser, admin);
    const routes = await everyState(admin, server, outside);
    const names = Object.fromEntries(Object.entries(routes).map(([name, route]) => [route, `-${name}`]));
    const each = [...Object.values(routes), ...WORKFLOW_LISTS];
    await test.step('full', () => look(eyes, server, 'run', each, undefined, names));
    await test.step('a large value', () => look(eyes, server, 'large', [`${routes.large}`], opensLarge));
    const draft = `${routes['moved-versions']}`.replace(/\?.*/, '');
    await test.step('trying the draft', () => look(eyes, server, 'try', [draft], tries));
    await test.step('moving runs', () => look(eyes, server, 'move', [`${routes['moved-versions']}`], moves));
    await test.step('with a server that fails', async () =>
      look(
        await openFailing(browser, admin, WHAT_IS_BESIDE),
        server,
        'run-failing',
        each.filter((route) => !/^.runs.|tab=design/.test(route)),
        saysWhatFailed,
        names,
      ));
    await test.step('on a small laptop', async () => {
      for (const { page } of eyes) await page.setViewportSize(LAPTOP);
      await look(eyes, server, 'run-laptop', each, undefined, names);
    });
    await test.step('on a telephone', async () => {
      for (const { page } of eyes) await page.setViewportSize(NARROW);
      await look(eyes, server, 'run-narrow', each, opensOnTheRun, names);
      await look(eyes, server, 'try-narrow', [draft], tries);
    });
  } finally {
    await server.stop();
    await outside.well.close();
    await outside.away.close();
  }
});

/** Those of passkeys, at an address that has a name; only where pictures are asked for. */
test('the screens of passkeys are accessible, dark and light', async ({ browser }) => {
  test.skip(!LOOK, 'Set CYBERSHIELD_LOOK=1 to look at every state.');
  test.setTimeout(300_000);
  const server = await Server.start('--developer');
  server.host = 'localhost';
  try {
    const ann = {
      company: 'Northwind Health',
      name: 'Ann Keller',
      email: 'ann@northwind.example',
      password: 'four plain words here 7',
    };
    const admin = await browser.newContext();
    await newCompany(admin, server, ann);
    const everywhere = async (eyes: Eyes[], state: string, routes: string[], check?: Check) => {
      await look(eyes, server, state, routes, check);
      for (const { page } of eyes) await page.setViewportSize(NARROW);
      await look(eyes, server, `${state}-narrow`, routes, check);
    };
    await test.step('signing in', async () => everywhere(await open(browser, null), 'passkey', ['/sign-in']));
    await givePassword(admin, server, ann);
    await test.step('setting up', async () => everywhere(await open(browser, admin), 'passkey-set-up', ['/totp']));

    const page = await admin.newPage();
    await Authenticator.plugInto(page);
    await page.goto(`${server.url}/totp`);
    await page.getByRole('button', { name: 'Create a passkey' }).click();
    await keepCodes(page);
    const elsewhere = await browser.newContext();
    await givePassword(elsewhere, server, ann);
    await test.step('answering', async () => everywhere(await open(browser, elsewhere), 'passkey-answer', ['/totp']));
    await test.step('one', async () => everywhere(await open(browser, admin), 'passkey-one', ['/account']));
    await test.step('confirming', async () =>
      everywhere(await open(browser, admin), 'passkey-confirm', ['/account'], async (main, _route, eyes) => {
        await main.getByRole('button', { name: 'Add a passkey' }).click();
        await expect(eyes.page.getByRole('dialog')).toContainText('Confirm that it is you');
      }));
  } finally {
    await server.stop();
  }
});

/** What stood out about a sign-in; only where pictures are asked for. */
test('a sign-in that stood out is accessible, dark and light', async ({ browser }) => {
  test.skip(!LOOK, 'Set CYBERSHIELD_LOOK=1 to look at every state.');
  test.setTimeout(300_000);
  const server = await Server.start('--developer');
  try {
    const ann = {
      company: 'Northwind Health',
      name: 'Ann Keller',
      email: 'ann@northwind.example',
      password: 'four plain words here 7',
    };
    const admin = await browser.newContext();
    const { recoveryCodes } = await signUp(await admin.newPage(), server, ann);
    const elsewhere = await browser.newContext();
    await givePassword(elsewhere, server, ann);
    const page = await elsewhere.newPage();
    await page.goto(`${server.url}/totp`);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill(recoveryCodes[0] ?? '');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByRole('navigation').first()).toBeVisible();
    const shows = async (main: Locator) => {
      await expect(main.getByRole('region', { name: 'Sign-ins that stood out' })).toContainText('Recovery code');
    };
    const eyes = await open(browser, admin);
    await look(eyes, server, 'stood-out', ['/account'], shows);
    await look(eyes, server, 'stood-out', ['/settings/sessions']);
    for (const { page: narrow } of eyes) await narrow.setViewportSize(NARROW);
    await look(eyes, server, 'stood-out-narrow', ['/account'], shows);
    await look(eyes, server, 'stood-out-narrow', ['/settings/sessions']);
  } finally {
    await server.stop();
  }
});

/** Those of a provider at home; only where pictures are asked for. What it sees in a customer is in its own journey. */
test('the screens of providers are accessible, dark and light', async ({ browser }) => {
  test.skip(!LOOK, 'Set CYBERSHIELD_LOOK=1 to look at every state.');
  test.setTimeout(400_000);
  const server = await Server.start('--developer');
  try {
    const admin = await browser.newContext();
    await newTenant(admin, server, {
      company: 'Harbour SOC',
      name: 'Sue Harper',
      email: 'sue@harbour.example',
      password: 'four plain words here 7',
    });
    expect(server.command('tenant', 'provider', 'Harbour SOC').code).toBe(0);
    const eyes = await open(browser, admin);
    const everywhere = async (state: string, routes: string[]) => {
      await look(eyes, server, state, routes);
      for (const { page } of eyes) await page.setViewportSize(NARROW);
      await look(eyes, server, `${state}-narrow`, routes);
      for (const { page } of eyes) await page.setViewportSize(LAPTOP);
    };
    // Without a role for customers only the pages of administrators are there.
    await test.step('before anybody has a role', () =>
      everywhere('provider-empty', ['/customers?tab=requests', '/customers?tab=people']));
    await test.step('with a server that fails', async () =>
      look(
        await openFailing(browser, admin),
        server,
        'provider-failing',
        ['/customers?tab=requests', '/customers?tab=people'],
        saysWhatFailed,
      ));
  } finally {
    await server.stop();
  }
});
