import { expect, type Page } from '@playwright/test';
import { axe } from './axe.ts';

/** Collects what a browser complains about: policy violations, script errors, failed requests of our own. */
export function watch(page: Page): { complaints: string[] } {
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.includes('status of 40')) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { complaints };
}

/** No WCAG 2.2 AA violation on the page as it stands, in both colour schemes. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.evaluate((s) => document.documentElement.setAttribute('data-mantine-color-scheme', s), scheme);
    // A colour that is still on its way to the other scheme is not what people read.
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => undefined))));
    expect(await axe(page), `${page.url()} in ${scheme}`).toEqual([]);
  }
}
