import { expect, test } from '@playwright/test';
import { Server } from '../support/server.ts';

test('a server starts, says so, survives kill -9 and stops', async () => {
  const server = await Server.start();
  try {
    expect(server.command('status')).toMatchObject({ code: 0, output: expect.stringContaining('ready') });
    expect(server.command('start').output).toContain('already runs');
    await server.kill();
    expect(server.command('status').code).toBe(3);
    await server.restart();
    expect(server.command('status').code).toBe(0);
    expect(server.command('stop')).toMatchObject({ code: 0, output: expect.stringContaining('Stopped') });
    expect(server.command('status').code).toBe(3);
  } finally {
    await server.stop();
  }
});
