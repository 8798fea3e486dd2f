import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import type { Definition, TryRequest } from '@/shared/client/types';

export const benchQuery = (workflow: string) =>
  queryOptions({
    queryKey: ['workflows', 'bench', workflow],
    queryFn: ({ signal }) => http.get(`/workflows/${workflow}/bench`, { signal }),
  });
export const setPin = (
  workflow: string,
  node: string,
  pin: { port: string | null; output: Record<string, unknown> },
) => http.put(`/workflows/${workflow}/pins/${node}`, pin);
export const removePin = (workflow: string, node: string) =>
  http.delete(`/workflows/${workflow}/pins/${node}`);
export const tryDraft = (workflow: string, request: TryRequest) =>
  http.post(`/workflows/${workflow}/try`, request);
export const saveTests = (workflow: string, text: string, gate: boolean, revision: number) =>
  http.put(`/workflows/${workflow}/tests`, { text, gate, revision });
export const runTests = (workflow: string, text: string, definition: Definition) =>
  http.post(`/workflows/${workflow}/tests/run`, { text, definition });
export const makeCase = (workflow: string, run: string, name: string, tests: string) =>
  http.post(`/workflows/${workflow}/tests/cases`, { run, name, tests });

export const replayRun = (run: string) => http.get(`/runs/${run}/replay`);
/** The draft where no version is given. */
export const compareRun = (run: string, version: number | null) =>
  http.get(`/runs/${run}/comparison`, { query: { version: version ?? undefined } });
