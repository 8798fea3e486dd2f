import { defineConfig } from '@playwright/test';
import { findBrowser } from './support/browser.ts';

/** One file per user journey, each against the real jar on a data folder of its own. Two at a time: much of a journey is waiting for the next code of a second factor. */
export default defineConfig({
  testDir: 'journeys',
  timeout: 240_000,
  expect: { timeout: 20_000 },
  workers: 2,
  reporter: [['list']],
  outputDir: 'test-results/traces',
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: findBrowser(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    trace: 'retain-on-failure',
  },
});
