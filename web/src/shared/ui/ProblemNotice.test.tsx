import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import '@/app/i18n';
import { Problem } from '@/shared/client/http';
import { ProblemNotice } from './ProblemNotice';

afterEach(cleanup);
const down = new Problem(503, { title: 'Busy', detail: 'The disk is full.' });
const show = (children: ReactNode) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>{children}</MantineProvider>
    </QueryClientProvider>,
  );

test('what fills the page is not said again in a line, and is tried again for both', () => {
  const figures = vi.fn();
  const list = vi.fn();
  show(
    <main>
      <ProblemNotice problem={down} onRetry={figures} />
      <ProblemNotice page problem={down} since={1} onRetry={list} />
    </main>,
  );
  const alert = screen.getByRole('alert');
  fireEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
  expect([figures.mock.calls.length, list.mock.calls.length]).toEqual([1, 1]);
});

test('another problem, and the same one in a dialog, are said', () => {
  show(
    <>
      <main>
        <ProblemNotice problem={new Problem(500, { title: 'Fault' })} />
        <ProblemNotice page problem={down} />
      </main>
      <div role="dialog">
        <ProblemNotice problem={down} />
      </div>
    </>,
  );
  expect(screen.getAllByRole('alert').length).toBe(3);
});
