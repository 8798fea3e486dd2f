import { type BrowserContext, expect } from '@playwright/test';
import { ask, newColleague, newTenant } from '../support/api.ts';
import { first, sendAttack } from '../support/attack.ts';
import { test } from '../support/test.ts';
import { watch } from '../support/watch.ts';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-/;

test('several people work on one incident, and each reads whose turn it is and who was faster', async ({ browser, server }) => {
  test.setTimeout(240_000);
  const [admin, responder, analyst] = (await Promise.all([1, 2, 3].map(() => browser.newContext()))) as [
    BrowserContext,
    BrowserContext,
    BrowserContext,
  ];
  const company = 'Northwind Health';
  await newTenant(admin, server, {
    company,
    name: 'Ann Keller',
    email: 'ann@together.northwind.example',
    password: 'four plain words here 7',
  });
  await newColleague(
    admin,
    responder,
    server,
    { company, name: 'Rita Moss', email: 'rita@together.northwind.example', password: 'more plain words 8' },
    'responder',
  );
  await newColleague(
    admin,
    analyst,
    server,
    { company, name: 'Ines Analda', email: 'ines@together.northwind.example', password: 'yet more words 99' },
    'analyst',
  );
  const workflow = await ask<{ id: string }>(admin, server, 'POST', '/workflows', { template: 'incident-response' });
  await ask(admin, server, 'POST', `/workflows/${workflow.id}/publish`);
  await sendAttack(admin, server);
  const approval = (await first(admin, server, 'approvals')) as { id: string; runId: string; actionHash: string };

  const page = await admin.newPage();
  const { complaints } = watch(page);
  await test.step('the chart begins with what came in before the page was opened', async () => {
    await page.goto(server.url);
    const findings = page.getByRole('region', { name: /findings$/i }).first();
    await findings.getByRole('button', { name: /Show as table/ }).click();
    await expect(findings.getByRole('row')).not.toHaveCount(1);
  });

  await test.step('whose decision it is, and whom to ask', async () => {
    const other = await analyst.newPage();
    await other.goto(`${server.url}/approvals/${approval.id}`);
    const main = other.getByRole('main');
    await expect(main).toContainText('This decision is not yours');
    await expect(main).toContainText('Your role is Analyst');
    await expect(main.getByRole('link', { name: 'Rita Moss' })).toHaveAttribute('href', 'mailto:rita@together.northwind.example');
    await expect(main.getByRole('button', { name: /^(Approve|Decline)/ })).toHaveCount(0);
  });

  await test.step('somebody else decides while the question is open', async () => {
    await page.getByRole('button', { name: /^Approve: / }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason (optional)').fill('It is our web server');
    await ask(responder, server, 'POST', `/runs/${approval.runId}/approvals/${approval.id}/decision`, {
      verdict: 'decline',
      actionHash: approval.actionHash,
      reason: 'A penetration test, announced for today',
    });
    await expect(dialog).toContainText('Rita Moss declined this');
    await expect(dialog).toContainText('A penetration test, announced for today');
    await expect(dialog.getByRole('button', { name: /^Approve/ })).toHaveCount(0);
    await expect(page.getByText('Nothing waits for a decision.')).toBeAttached();
    await expect(dialog.getByRole('button', { name: 'Close' }).last()).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
  });

  await test.step('the trail reads in names, ids at hand', async () => {
    await page.goto(`${server.url}/audit`);
    const table = page.getByRole('table');
    await expect(table.getByRole('row').nth(8)).toBeVisible();
    expect(await table.textContent()).not.toMatch(ID);
    const declined = table.getByRole('row').filter({ hasText: 'Approval declined' });
    await expect(declined).toContainText('Rita Moss');
    await page.getByPlaceholder('Filter by text').fill('incident response');
    await expect(table.getByRole('row').filter({ hasText: 'Run started' })).toContainText('Incident response #1');
    await expect(table.getByRole('row').filter({ hasText: 'Sign-in' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await declined.getByRole('button').click();
    const entry = page.getByRole('complementary', { name: 'Entry' });
    await expect(entry).toContainText(approval.id);
    await expect(entry.getByRole('button', { name: `Copy the id: ${approval.id}` })).toBeVisible();
    await entry.getByRole('link', { name: /Approval/ }).click();
    await expect(page).toHaveURL(new RegExp(`/approvals/${approval.id}$`));
  });
  expect(complaints).toEqual([]);
});
