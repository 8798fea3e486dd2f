import { test as base } from '@playwright/test';
import { Server } from './server.ts';

/**
 * For journeys that leave the server as they found it, but for companies of their own: they share one, so that none waits
 * for it to start. Addresses must be a journey's own.
 */
export const test = base.extend<object, { server: Server }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what is needed, and nothing is
    async ({}, use) => {
      const server = await Server.start('--developer');
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});
