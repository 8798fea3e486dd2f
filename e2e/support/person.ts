import { expect, type Page } from '@playwright/test';
import type { Server } from './server.ts';
import { totp } from './totp.ts';

export interface Person {
  company: string;
  name: string;
  email: string;
  password: string;
}

/** From the sign-up form to the overview, by mouse and keyboard as a newcomer would. */
export async function signUp(page: Page, server: Server, person: Person): Promise<{ secret: string; recoveryCodes: string[] }> {
  await signUpToSecondFactor(page, server, person);
  const secret = (await page.locator('code').first().textContent()) ?? '';
  await page.getByLabel('3. Enter the six digits it shows').fill(totp(secret));
  return { secret, recoveryCodes: await keepCodes(page) };
}

/** From the sign-up form to where the second factor is set up. */
export async function signUpToSecondFactor(page: Page, server: Server, person: Person): Promise<void> {
  await page.goto(`${server.url}/sign-up`);
  await page.getByLabel('Company').fill(person.company);
  await page.getByLabel('Your name').fill(person.name);
  await page.getByLabel('Work email').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();

  await page.goto(`${server.url}/mailbox`);
  await page
    .getByRole('list', { name: 'Messages' })
    .getByRole('button')
    .filter({ hasText: person.email })
    .first()
    .click();
  await page.getByRole('link', { name: /^Open \/verify/ }).click();
  await page.getByRole('button', { name: 'Confirm and create the workspace' }).click();
  await expect(page.getByRole('heading', { name: 'Your workspace is ready' })).toBeVisible();

  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Work email').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Set up the second factor' })).toBeVisible();
}

/** Keeps the recovery codes and goes on to the overview. */
export async function keepCodes(page: Page): Promise<string[]> {
  await expect(page.getByRole('heading', { name: 'Keep these recovery codes' })).toBeVisible();
  const codes = page.getByRole('list', { name: 'Keep these recovery codes' }).getByRole('listitem');
  await expect(codes).toHaveCount(10);
  const recoveryCodes = await codes.allTextContents();
  await page.getByLabel('I have kept them in a safe place').check();
  await page.getByRole('button', { name: 'Go to the overview' }).click();
  await expect(page.getByRole('navigation').first()).toBeVisible();
  return recoveryCodes;
}
