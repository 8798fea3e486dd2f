import { expect, type Page, test } from '@playwright/test';
import { ask, newColleague } from '../support/api.ts';
import { axe } from '../support/axe.ts';
import { type Person, signUp } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { authenticator } from '../support/totp.ts';
import { watch } from '../support/watch.ts';

const ann: Person = {
  company: 'Northwind Health',
  name: 'Ann Keller',
  email: 'ann@northwind.example',
  password: 'four plain words here 7',
};
const otto: Person = {
  company: '',
  name: 'Otto Reade',
  email: 'otto@northwind.example',
  password: 'more plain words 8',
};
const RESET = 'five words to keep well';
const CHANGED = 'and six words for ever after';

async function fillSignIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Enter your code' })).toBeVisible();
}

test('a forgotten password is set anew by mail, and one sees and ends where one is signed in', async ({ browser }) => {
  const server = await Server.start('--developer');
  try {
    const here = await browser.newContext();
    const page = await here.newPage();
    const { complaints } = watch(page, /status of 4(0\d|22)/);
    const { secret, recoveryCodes } = await signUp(page, server, ann);
    const nextCode = authenticator(secret);

    await test.step('asks for a link; the session at hand still works', async () => {
      await page.goto(`${server.url}/forgot-password`);
      await page.getByLabel('Work email').fill(ann.email);
      await page.getByRole('button', { name: 'Send the link' }).click();
      await expect(page.getByRole('main')).toContainText(
        'If this address has an account, a mail is on its way. The link works once, for 30 minutes.',
      );
      expect(await axe(page)).toEqual([]);
    });
    const link = await test.step('the mail leads to the page', async () => {
      await page.getByRole('link', { name: 'Open the developer mailbox' }).click();
      await page
        .getByRole('list', { name: 'Messages' })
        .getByRole('button', { name: /^Set a new password for CyberShield/ })
        .click();
      await page.getByRole('link', { name: 'Open /reset-password' }).click();
      await expect(page.getByRole('heading', { name: 'Set a new password' })).toBeVisible();
      return page.url();
    });
    await test.step('a password that is too easy is refused at its field', async () => {
      await page.getByLabel('New password', { exact: true }).fill('short');
      await page.getByRole('button', { name: 'Set the password' }).click();
      await expect(page.getByLabel('New password', { exact: true })).toBeFocused();
      expect(await axe(page)).toEqual([]);
    });
    await test.step('signs in with the new one and the second factor', async () => {
      await page.getByLabel('New password', { exact: true }).fill(RESET);
      await page.getByRole('button', { name: 'Set the password' }).click();
      await expect(page.getByRole('main')).toContainText('everybody who was signed in to this account was signed out');
      await expect(page.getByLabel('Work email')).toHaveValue(ann.email);
      expect(await axe(page)).toEqual([]);
      await fillSignIn(page, RESET);
      await page.getByLabel('Six digits').fill(await nextCode());
      await expect(page.getByRole('navigation').first()).toBeVisible();
    });

    const there = await browser.newContext();
    const elsewhere = await there.newPage();
    const other = watch(elsewhere, /status of 4(0\d|10)/);
    await test.step('the link works once', async () => {
      await elsewhere.goto(link);
      await elsewhere.getByLabel('New password', { exact: true }).fill('yet another set of words');
      await elsewhere.getByRole('button', { name: 'Set the password' }).click();
      await expect(elsewhere.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
      await expect(elsewhere.getByRole('link', { name: 'Ask for a new link' })).toBeVisible();
    });
    const signInElsewhere = async (password: string, recoveryCode = '') => {
      await elsewhere.goto(`${server.url}/sign-in`);
      await elsewhere.getByLabel('Work email').fill(ann.email);
      await fillSignIn(elsewhere, password);
      await elsewhere.getByRole('button', { name: 'Use a recovery code' }).click();
      await elsewhere.getByLabel('Recovery code').fill(recoveryCode);
      await elsewhere.getByRole('button', { name: 'Continue' }).click();
      await expect(elsewhere.getByRole('navigation').first()).toBeVisible();
    };
    const sessions = page
      .getByRole('list', { name: 'Where you are signed in' })
      .getByRole('listitem');
    await test.step('sees both sessions', async () => {
      await signInElsewhere(RESET, recoveryCodes[0]);
      await page.getByRole('button', { name: /account of Ann Keller/ }).click();
      await page.getByRole('menuitem', { name: 'Your account' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
      await expect(page).toHaveTitle('Your account · CyberShield');
      await expect(sessions).toHaveCount(2);
      await expect(sessions.filter({ hasText: 'This one' })).toHaveCount(1);
      await expect(page.getByRole('region', { name: 'Second factor' })).toContainText('9 of 10 left');
    });
    await test.step('changes the password, and the other browser is signed out by itself', async () => {
      await page.getByRole('button', { name: 'Change password' }).click();
      const form = page.getByRole('form', { name: 'Change password' });
      await form.getByLabel('Present password').fill('not this one');
      await form.getByLabel('New password').fill(CHANGED);
      await form.getByRole('button', { name: 'Change password' }).click();
      await expect(form).toContainText('This is not your present password');
      expect(await axe(page)).toEqual([]);
      await form.getByLabel('Present password').fill(RESET);
      await form.getByRole('button', { name: 'Change password' }).click();
      await expect(form).toBeHidden();
      await expect(sessions).toHaveCount(1);
      await expect(page.getByText('You are signed in nowhere else.')).toBeVisible();
      await expect(elsewhere).toHaveURL(/\/sign-in/);
    });
    await test.step('ends one session, then all others', async () => {
      await signInElsewhere(CHANGED, recoveryCodes[1]);
      await page.reload();
      await page.getByRole('button', { name: /^Sign out: / }).click();
      await page.getByRole('dialog').getByRole('button', { name: /^Sign out / }).click();
      const you = page.getByRole('dialog', { name: 'Confirm that it is you' });
      await you.getByLabel('Code of your authenticator app, or a recovery code').fill(await nextCode());
      await you.getByRole('button', { name: 'Confirm', exact: true }).click();
      await expect(you).toBeHidden();
      await expect(sessions).toHaveCount(1);
      await expect(elsewhere).toHaveURL(/\/sign-in/);
      await signInElsewhere(CHANGED, recoveryCodes[2]);
      await page.reload();
      await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere else' }).click();
      await expect(sessions).toHaveCount(1);
      await expect(elsewhere).toHaveURL(/\/sign-in/);
    });
    await test.step('says that a sign-in that stood out was somebody else, who is signed out', async () => {
      await signInElsewhere(CHANGED, recoveryCodes[3]);
      await page.reload();
      const stoodOut = page.getByRole('region', { name: 'Sign-ins that stood out' });
      await expect(stoodOut).toContainText('Recovery code on a new device');
      await expect(sessions).toHaveCount(2);
      expect(await axe(page)).toEqual([]);
      await stoodOut.getByRole('button', { name: 'This was not me' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'This was not me: end the other sessions' }).click();
      const you = page.getByRole('dialog', { name: 'Confirm that it is you' });
      await you.getByLabel('Code of your authenticator app, or a recovery code').fill(await nextCode());
      await you.getByRole('button', { name: 'Confirm', exact: true }).click();
      await expect(stoodOut).toContainText('You said: this was not me');
      await expect(sessions).toHaveCount(1);
      await expect(elsewhere).toHaveURL(/\/sign-in/);
    });
    await test.step('makes new recovery codes with a fresh code', async () => {
      await page.getByRole('button', { name: 'New recovery codes' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Code of your second factor').fill(await nextCode());
      await dialog.getByRole('button', { name: 'Make new codes' }).click();
      const codes = page.getByRole('list', { name: 'Keep these recovery codes' }).getByRole('listitem');
      await expect(codes).toHaveCount(10);
      expect(recoveryCodes).not.toContain(await codes.first().textContent());
      expect(await axe(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await expect(codes).toHaveCount(10);
      await page.getByLabel('I have kept them in a safe place').check();
      await page.getByRole('button', { name: 'Done' }).click();
      await expect(page.getByRole('region', { name: 'Second factor' })).toContainText('10 of 10 left');
    });
    await test.step('signs a colleague out everywhere', async () => {
      const colleague = await browser.newContext();
      await newColleague(here, colleague, server, otto, 'auditor');
      const theirs = await colleague.newPage();
      await theirs.goto(server.url);
      await expect(theirs.getByRole('navigation').first()).toBeVisible();
      await page.goto(`${server.url}/settings/users`);
      await page.getByRole('button', { name: 'Actions for Otto Reade' }).click();
      await expect(page.getByRole('menuitem', { name: 'Sign out everywhere' })).toBeVisible();
      expect(await axe(page)).toEqual([]);
      await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Sign out Otto Reade' }).click();
      await expect(page.getByText('Otto Reade is signed out everywhere')).toBeVisible();
      await expect(theirs).toHaveURL(/\/sign-in/);
    });
    await test.step('all of it stands in the trail, in words', async () => {
      await page.goto(`${server.url}/audit`);
      const table = page.getByRole('table');
      for (const did of [
        'New password asked for by mail',
        'Forgotten password set anew',
        'Password changed',
        'One session ended',
        'Open sessions ended',
        'Recovery codes made anew',
        'Unusual sign-in',
        'Sign-in was not theirs',
      ])
        await expect(table.getByRole('row').filter({ hasText: did }).first()).toBeVisible();
      const mails = await ask<{ items: { subject: string }[] }>(here, server, 'GET', '/developer/mailbox?limit=200');
      expect(mails.items.filter((m) => m.subject === 'Your CyberShield password was changed')).toHaveLength(2);
    });
    expect([...complaints, ...other.complaints]).toEqual([]);
  } finally {
    await server.stop();
  }
});
