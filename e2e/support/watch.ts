import type { Page } from '@playwright/test';

/**
 * Collects what a browser complains about: policy violations, script errors, failed requests of our own. What a test
 * brings about on purpose is named in `provoked`.
 */
export function watch(page: Page, provoked = /status of 40\d/): { complaints: string[] } {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !provoked.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { complaints };
}
