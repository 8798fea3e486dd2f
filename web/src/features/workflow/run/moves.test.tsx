import { MantineProvider } from '@mantine/core';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import { cleanup, render, screen, within } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, expect, test } from 'vitest';
import '@/app/i18n';
import type { RunDetail } from '@/shared/client/types';
import en from '../en.json';
import { RunMonitor } from './RunMonitor';
import { VersionChip } from './VersionChip';

i18next.addResourceBundle('en', 'translation', { workflow: en }, true);
afterEach(cleanup);

const step = (key: string, startedAt: string) => ({
  key,
  name: key,
  state: 'waiting',
  startedAt,
  endedAt: null,
  attempts: 1,
});
const run = (moves: RunDetail['moves']) =>
  ({
    id: 'r',
    workflowId: 'w',
    version: 3,
    state: 'waiting',
    startedAt: '2026-01-02T10:00:00Z',
    startedBy: 'Ann Keller',
    stepsDone: 1,
    stepsTotal: 2,
    steps: [step('first', '2026-01-02T10:00:00Z'), step('later', '2026-01-02T10:09:00Z')],
    moves,
  }) as unknown as RunDetail;
const moved = (from: number, to: number, minute: string) => ({
  from,
  to,
  at: `2026-01-02T10:${minute}:00Z`,
  by: 'Bob Stone',
  reason: 'the address was wrong',
});

async function show(shown: RunDetail) {
  const root = createRootRoute();
  const page = () => (
    <>
      <VersionChip run={shown} />
      <RunMonitor run={shown} now={Date.parse('2026-01-02T10:20:00Z')} selected={null} onSelect={() => {}} />
    </>
  );
  const at = createRoute({ getParentRoute: () => root, path: '/', component: page });
  const there = createRoute({ getParentRoute: () => root, path: '/workflows/$workflowId' });
  const router = createRouter({
    routeTree: root.addChildren([at, there]),
    history: createMemoryHistory({ initialEntries: ['/'] }),
  });
  render(
    <MantineProvider>
      <RouterProvider router={router as never} />
    </MantineProvider>,
  );
  await screen.findByRole('region', { name: 'Run monitor' });
}
const search = (link: HTMLElement) =>
  Object.fromEntries(new URL(link.getAttribute('href') ?? '', 'http://x').searchParams);

test('a run that was moved says so in its head and in its time line, with both versions, when, who and why', async () => {
  await show(run([moved(1, 2, '05'), moved(2, 3, '15')]));
  const rows = within(screen.getByRole('region', { name: 'Run monitor' })).getAllByRole('listitem');
  expect(rows.map((row) => (row.textContent?.includes('Moved') ? 'move' : 'step'))).toEqual([
    'step',
    'move',
    'step',
    'move',
  ]);
  const [, first] = rows;
  if (!first) throw new Error('no row of the first move');
  expect(first.textContent).toContain('Bob Stone');
  expect(first.textContent).toContain('the address was wrong');
  expect(first.querySelector('time')?.getAttribute('datetime')).toBe('2026-01-02T10:05:00Z');
  const link = (name: string) => search(within(first).getByRole('link', { name }));
  expect(link('v1, show this version')).toEqual({ tab: 'versions', version: '1' });
  expect(link('v2, show this version')).toEqual({ tab: 'versions', version: '2' });
  expect(link('Compare version 1 with version 2')).toEqual({ tab: 'versions', from: '1', to: '2' });
  const head = screen.getByRole('link', { name: 'v1 → v3, moved: compare the two versions' });
  expect(search(head)).toEqual({ tab: 'versions', from: '1', to: '3' });
});

test('whoever says the words that a link of a move shows reaches that link', async () => {
  await show(run([moved(1, 3, '05')]));
  for (const link of screen.getAllByRole('link'))
    expect(link.getAttribute('aria-label')).toContain(link.textContent);
});

test('a run that stayed where it began names its version and no move', async () => {
  await show(run([]));
  expect(screen.queryAllByRole('link')).toEqual([]);
  expect(screen.getByText('v3')).toBeTruthy();
});
