import { describe, expect, test } from 'vitest';
import type { IncidentView, OverviewView } from '@/shared/client/types';
import { mergeQueue } from './queue';
import { change, firstMode, heatRows, isFresh, polyline, sliceStarts, sparkline, tacticName } from './view';

const bucket = (n: number) => ({
  at: '2026-01-01T00:00:00Z',
  critical: n,
  high: 1,
  medium: 0,
  low: 0,
  info: 0,
});

test('a change from nought has no percentage', () => {
  expect(change(5, 0)).toEqual({ direction: 'up', percent: null });
  expect(change(0, 0)).toEqual({ direction: 'same', percent: 0 });
  expect(change(50, 200)).toEqual({ direction: 'down', percent: 75 });
});

test('the chart opens where there is something to see', () => {
  const quiet = { ...bucket(0), high: 0 };
  const of = (buckets: (typeof quiet)[]) => ({ findings: { buckets } }) as never;
  expect(firstMode([quiet, bucket(1)], of([quiet]))).toBe('live');
  expect(firstMode([quiet], of([bucket(1)]))).toBe('range');
  expect(firstMode(undefined, of([bucket(1)]))).toBe('range');
  expect(firstMode([quiet], of([quiet]))).toBe('live');
});

describe('the small line', () => {
  test('keeps the total when it is squeezed', () => {
    const line = sparkline(
      Array.from({ length: 50 }, (_, i) => bucket(i)),
      12,
    );
    expect(line.length).toBe(12);
    expect(line.reduce((a, b) => a + b, 0)).toBe((49 * 50) / 2 + 50);
  });
  test('is flat, and stays in its box, when nothing changes', () => {
    expect(polyline([3, 3, 3])).toBe('0,26 50,26 100,26');
    expect(polyline([0, 10])).toBe('0,26 100,4');
  });
});

describe('tactics', () => {
  test('are written as ATT&CK writes them', () => {
    expect(['attack.initial_access', 'credential-access', 'Privilege Escalation'].map(tacticName)).toEqual([
      'Initial access',
      'Credential access',
      'Priv. escalation',
    ]);
  });
  test('the busiest stay, in the order they came', () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({ tactic: `t${i}`, buckets: [i === 0 ? 100 : i] }));
    expect(heatRows(rows, 3).map((r) => r.tactic)).toEqual(['t0', 't8', 't9']);
  });
});

test('slices end now and begin one range ago', () => {
  const starts = sliceStarts('24h', 24, 86_400_000);
  expect([starts.length, starts[0], starts[23]]).toEqual([24, 0, 23 * 3_600_000]);
});

test('a workspace with a silent source is not a fresh one', () => {
  const none = { total: 0 } as never;
  const base = {
    openIncidents: none,
    findings: none,
    events: none,
    runs: none,
    sources: { total: 0, silent: 0 },
  } as unknown as OverviewView;
  expect(isFresh(base)).toBe(true);
  expect(isFresh({ ...base, sources: { total: 1, silent: 1 } })).toBe(false);
});

describe('the queue', () => {
  const incident = (id: string, risk: number, more: Partial<IncidentView> = {}): IncidentView => ({
    id,
    number: 1,
    version: 1,
    title: id,
    severity: 'high',
    state: 'new',
    host: null,
    owner: null,
    risk,
    findings: 1,
    tags: [],
    openedAt: '2026-01-01T00:00:00Z',
    lastFindingAt: '2026-01-01T00:00:00Z',
    approvalWaiting: false,
    ...more,
  });
  test('takes in what is new, replaces what changed, and leaves out what is done', () => {
    const before = [incident('a', 10), incident('b', 50)];
    const after = mergeQueue(before, [
      incident('c', 30),
      incident('a', 90),
      incident('b', 50, { state: 'resolved' }),
    ]);
    expect(after.map((i) => [i.id, i.risk])).toEqual([
      ['a', 90],
      ['c', 30],
    ]);
  });
  test('puts the newest first where the risk is equal', () => {
    const older = incident('older', 5);
    const newer = incident('newer', 5, { openedAt: '2026-01-01T01:00:00Z' });
    expect(mergeQueue([older, newer], []).map((i) => i.id)).toEqual(['newer', 'older']);
  });
});
