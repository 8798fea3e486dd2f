import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type { ConnectionView, DeadLetterSelection } from '@/shared/client/types';

export type StopMode = 'cancel' | 'undo' | 'kill';
export type LetterState = 'open' | 'replaying' | 'replayed' | 'discarded';

export const optionsQuery = (run: string) =>
  queryOptions({
    queryKey: ['runs', 'options', run],
    queryFn: ({ signal }) => http.get(`/runs/${run}/options`, { signal }),
    staleTime: 0,
  });
export const stopRun = (run: string, mode: StopMode, reason: string) =>
  http.post(`/runs/${run}/stop`, { mode, reason });
/** Lets a run go on whose starters may not run workflows any more. */
export const answerForRun = (run: string) => http.post(`/runs/${run}/answer`);
/** Another run goes on in the newest version; refused where what was done does not fit into it. */
export const resumeInNewest = (run: string) => http.post(`/runs/${run}/resume-newest`);
/** The failure that was looked at; what is sent again does not take up a later one. */
export const resumeRun = (run: string, endedAt: string | null) =>
  http.post(`/runs/${run}/resume`, { endedAt });
/** The same key counts once, however often it is sent. */
export const signalRun = (
  run: string,
  signal: string,
  key: string,
  payload: Record<string, unknown>,
  id: string,
) => http.post(`/runs/${run}/signals`, { signal, key, payload }, { headers: { 'Idempotency-Key': id } });

export const deadLettersQuery = (state: LetterState, reason: string) =>
  listQuery(['dead-letters', 'list'], '/dead-letters', { state, reason: reason || undefined });
export const previewQuery = (selection: DeadLetterSelection) =>
  queryOptions({
    queryKey: ['dead-letters', 'preview', selection],
    queryFn: () => http.post('/dead-letters/preview', selection),
    staleTime: 0,
  });
/** Takes up just the failures of the preview that gave the mark. */
export const replayLetters = (selection: DeadLetterSelection, expected: number, mark: string | null) =>
  http.post('/dead-letters/replay', { selection, expected, mark });
export const discardLetters = (selection: DeadLetterSelection, expected: number, reason: string) =>
  http.post('/dead-letters/discard', { selection, expected, reason });

export const connectionsQuery = queryOptions({
  queryKey: ['connections'],
  queryFn: ({ signal }) => http.get('/connections', { signal }),
  refetchInterval: 5_000,
});
export const closeConnection = ({ connector, target }: Pick<ConnectionView, 'connector' | 'target'>) =>
  http.post('/connections/close', { connector, target });
export const limitConnection = (
  connector: string,
  target: string,
  perMinute: number | null,
  burst: number | null,
) => http.put('/connections/limit', { connector, target, perMinute, burst });
