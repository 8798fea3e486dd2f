import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, expect, test, vi } from 'vitest';
import '@/app/i18n';
import { sessionQuery } from '@/shared/client/session';
import en from '../en.json';
import { CompanyLimit } from './CompanyLimit';

i18next.addResourceBundle('en', 'translation', { workflow: en }, true);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(permissions: string[], most: number | null) {
  const queries = new QueryClient();
  queries.setQueryData(sessionQuery.queryKey, { permissions } as never);
  render(
    <QueryClientProvider client={queries}>
      <MantineProvider>
        <CompanyLimit limit={{ most, live: 7, queued: 0 }} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return screen.getByRole<HTMLInputElement>('textbox', { name: 'Live runs at most' });
}
const type = (field: HTMLInputElement, value: string) => fireEvent.change(field, { target: { value } });
const button = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Save the limit' });

test('a number that cannot be a limit is told where it is typed, and is not sent', () => {
  const field = show(['settings:manage'], 100);
  expect(button().disabled).toBe(true);
  for (const wrong of ['0', '-4', '2.5', '1000001']) {
    type(field, wrong);
    expect(screen.getByText(/A whole number from 1 to 1,000,000/)).toBeTruthy();
    expect(button().disabled).toBe(true);
  }
  type(field, '');
  expect(button().disabled).toBe(false);
});

test('a limit below what runs now says what will happen, and is sent as it is', async () => {
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', async (url: unknown, init?: RequestInit) => {
    const request = url instanceof Request ? url : new Request(new URL(String(url), 'http://x'), init);
    asked.push([request.method, new URL(request.url).pathname, await request.json()]);
    return Response.json({ most: 5, live: 7, queued: 0 });
  });
  const field = show(['settings:manage'], null);
  type(field, '5');
  expect(screen.getByText(/7 runs are live now/)).toBeTruthy();
  fireEvent.click(button());
  await waitFor(() => expect(asked).toEqual([['PUT', '/api/v1/run-limits', { most: 5 }]]));
});

test('who is no administrator sees the limit and who can change it', () => {
  const field = show(['workflow:read'], 100);
  expect(field.disabled).toBe(true);
  expect(field.value).toBe('100');
  expect(screen.queryByRole('button')).toBeNull();
  expect(screen.getByText('An administrator can change this.')).toBeTruthy();
});
