import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BrowserContext, expect } from '@playwright/test';
import { ask } from './api.ts';
import type { Server } from './server.ts';

/** Lets the server's workflows reach this machine; to be said before it starts. */
export const reachesThisMachine = () => {
  process.env.CYBERSHIELD_HTTP_ALLOWEDHOSTS = '127.0.0.1';
};

/** A world outside that answers well, largely, badly, slowly, or breaks off in the middle, by its path. */
export class Outside {
  private constructor(private readonly server: http.Server) {}

  static async open(): Promise<Outside> {
    const server = http.createServer((request, response) => {
      request.resume();
      switch (request.url) {
        case '/large':
          response.setHeader('content-type', 'application/json');
          return response.end(
            JSON.stringify({
              scan: 'portal',
              hosts: Array.from({ length: 900 }, (_, i) => ({
                host: `web-${i}.berlin.northwind-health.example`,
                open: [22, 80, 443],
                note: 'seen by the nightly scan, nothing new since the week before',
              })),
            }),
          );
        case '/gone':
          response.statusCode = 404;
          return response.end('{"error":"no such ticket"}');
        case '/busy':
          response.statusCode = 503;
          response.setHeader('retry-after', '3600');
          return response.end();
        case '/slow': {
          // A byte now and then: the answer goes on, and so does the step.
          response.write(' ');
          const more = setInterval(() => response.write(' '), 5_000);
          return response.on('close', () => clearInterval(more));
        }
        case '/breaks':
          return request.socket.destroy();
        default:
          response.setHeader('content-type', 'application/json');
          return response.end('{"verdict":"clean"}');
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Outside(server);
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

type Node = { key: string; type: string; name: string; config: Record<string, unknown>; x: number; y: number };

/** A drawing from top to bottom: each node leads to the next by its first port. */
const drawing = (name: string, ...nodes: [type: string, name: string, config?: object, port?: string][]) => {
  const boxes: Node[] = nodes.map(([type, label, config], i) => ({
    key: label.toLowerCase().replaceAll(/[^a-z]+/g, ''),
    type,
    name: label,
    config: { ...config },
    x: 0,
    y: i * 110,
  }));
  const edges = boxes
    .slice(1)
    .map((box, i) => ({ from: boxes[i]?.key ?? '', port: nodes[i]?.[3] ?? 'out', to: box.key }));
  return { name, description: '', nodes: boxes, edges };
};

/** Workflows and runs of an administrator, in every state that a screen draws. */
export class Flows {
  constructor(
    private readonly admin: BrowserContext,
    private readonly server: Server,
  ) {}

  private ask<T>(method: 'GET' | 'POST' | 'PUT', path: string, data?: unknown, headers?: Record<string, string>) {
    return ask<T>(this.admin, this.server, method, path, data, headers);
  }

  async create(name: string): Promise<string> {
    return (await this.ask<{ id: string }>('POST', '/workflows', { name })).id;
  }

  async publish(id: string, ...[name, ...nodes]: Parameters<typeof drawing>): Promise<void> {
    const { revision } = await this.ask<{ revision: number }>('GET', `/workflows/${id}`);
    await this.ask('PUT', `/workflows/${id}/draft`, drawing(name, ...nodes), { 'if-match': `"${revision}"` });
    await this.ask('POST', `/workflows/${id}/publish`);
  }

  async published(...drawn: Parameters<typeof drawing>): Promise<string> {
    const id = await this.create(drawn[0]);
    await this.publish(id, ...drawn);
    return id;
  }

  async start(workflow: string, input: object = {}): Promise<string> {
    return (await this.ask<{ id: string }>('POST', `/workflows/${workflow}/runs`, { input })).id;
  }

  async until(run: string, done: (run: RunOf) => boolean): Promise<void> {
    await expect
      .poll(async () => done(await this.ask<RunOf>('GET', `/runs/${run}`)), { timeout: 60_000 })
      .toBe(true);
  }

  /** Moves the run to the version in use, as the dialog would. */
  async move(workflow: string, to: number, run: string, reason: string): Promise<void> {
    const look = await this.ask<{ runs: { run: string; mark: string }[] }>(
      'POST',
      `/workflows/${workflow}/moves/dry-run`,
      { to, from: null, runs: [run], after: null },
    );
    const report = await this.ask<{ moved: number }>('POST', `/workflows/${workflow}/moves`, {
      to,
      reason,
      runs: look.runs.map(({ run: id, mark }) => ({ run: id, mark })),
    });
    expect(report.moved, JSON.stringify(report)).toBe(1);
  }
}
type RunOf = { state: string; steps: { key: string; state: string; error: string | null }[] };

/** Routes by what is to be seen there. */
export async function everyState(
  admin: BrowserContext,
  server: Server,
  outside: { well: Outside; away: Outside },
): Promise<Record<string, string>> {
  const flows = new Flows(admin, server);
  const { well, away } = outside;
  const by = ['manual', 'Started by hand'] as const;
  const state = (wanted: string) => (run: RunOf) => run.state === wanted;

  const scan: Parameters<Flows['published']> = [
    'Nightly scan of the portal, with all that it found',
    [...by],
    ['http-get', 'Fetch the scan', { url: well.url('/large') }],
    ['transform', 'Name the hosts', { expression: "{ 'first': steps.fetchthescan.output.json.hosts[0].host }" }],
  ];
  const large = await flows.start(await flows.published(...scan));
  await flows.until(large, state('succeeded'));

  const closing = (url: string, seconds: number, more: boolean): Parameters<Flows['published']> => [
    'Close the ticket when the customer answers',
    [...by],
    ['http-get', 'Look the ticket up', { url: well.url('/ticket') }],
    ['wait', 'Wait for the answer', { signal: 'answered', seconds }],
    ['http-get', 'Close the ticket', { url }],
    ...(more ? [['http-get', 'Tell the customer', { url: well.url('/tell') }] as [string, string, object]] : []),
  ];
  const ticket = await flows.published(...closing(well.url('/gone'), 86_400, false));
  const moved = await flows.start(ticket);
  const failed = await flows.start(ticket);
  const stays = await flows.start(ticket);
  for (const run of [moved, failed, stays]) await flows.until(run, state('waiting'));
  await ask(admin, server, 'POST', `/runs/${failed}/signals`, { signal: 'answered', key: '', payload: {} });
  await flows.until(failed, state('failed'));
  await flows.publish(ticket, ...closing(well.url('/close'), 86_400, true));
  await flows.move(ticket, 2, moved, 'Closing failed: the address of the ticket system was the old one');

  const slow = await flows.start(
    await flows.published('Export of the mail archive', [...by], ['http-get', 'Export the archive', { url: well.url('/slow') }]),
  );
  await flows.until(slow, (run) => run.steps.some((s) => s.state === 'running'));

  const doubt = await flows.start(
    await flows.published(
      'Order a new laptop',
      [...by],
      ['http-request', 'Order the laptop', { method: 'POST', url: well.url('/breaks'), body: '{"model":"T14"}' }],
    ),
  );
  await flows.until(doubt, state('in-doubt'));

  const task = await flows.start(
    await flows.published(
      'Call who was phished',
      [...by],
      [
        'task',
        'Call the user',
        {
          title: 'Call Ines about the mail of this morning',
          role: 'tenant-admin',
          instructions: 'Ask whether she opened the attachment, and on which machine.',
          form: JSON.stringify({
            type: 'object',
            required: ['opened'],
            properties: {
              opened: { type: 'boolean', title: 'She opened the attachment' },
              machine: { type: 'string', title: 'On which machine' },
            },
          }),
        },
        'done',
      ],
    ),
  );
  await flows.until(task, state('waiting'));

  // Last, since everything that goes there waits from here on.
  const lookup = await flows.published('Ask the reputation service', [...by], ['http-get', 'Ask for the verdict', { url: away.url('/busy') }]);
  await flows.start(lookup);
  const held = await flows.start(lookup);
  await expect
    .poll(async () => (await ask<{ held: unknown[] }>(admin, server, 'GET', `/runs/${held}/options`)).held.length, {
      timeout: 60_000,
    })
    .toBeGreaterThan(0);
  const { items: tasks } = await ask<{ items: { id: string }[] }>(admin, server, 'GET', '/tasks');
  const empty = await flows.create('Not drawn yet');
  return {
    large: `/runs/${large}`,
    moved: `/runs/${moved}`,
    failed: `/runs/${failed}`,
    waits: `/runs/${stays}`,
    running: `/runs/${slow}`,
    'in-doubt': `/runs/${doubt}`,
    task: `/runs/${task}`,
    held: `/runs/${held}`,
    'task-page': `/tasks/${tasks[0]?.id}`,
    'moved-versions': `/workflows/${ticket}?tab=versions&from=1&to=2`,
    'moved-version': `/workflows/${ticket}?tab=versions&version=1`,
    'moved-insights': `/workflows/${ticket}?tab=insights`,
    'moved-runs': `/workflows/${ticket}?tab=runs`,
    'moved-tests': `/workflows/${ticket}?tab=tests`,
    ...Object.fromEntries(
      ['design', 'triggers', 'tests', 'versions', 'runs', 'insights'].map((tab) => [
        `blank-${tab}`,
        `/workflows/${empty}?tab=${tab}`,
      ]),
    ),
  };
}
