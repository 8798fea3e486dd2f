import { expect, test } from 'vitest';
import type { LiveMessage, RunDetail, StepView } from '@/shared/client/types';
import { applyRunMessages, isMoved } from './apply';
import { formOf, parseInput } from './input';
import { bars, elapsed, moveMarks, takenEdges } from './timing';

const step = (key: string, part: Partial<StepView> = {}): StepView => ({
  key,
  name: key,
  type: 't',
  state: 'succeeded',
  startedAt: null,
  endedAt: null,
  attempts: 1,
  epoch: 2,
  port: null,
  input: null,
  output: null,
  error: null,
  approvalId: null,
  payloads: [],
  ...part,
});
const at = (s: number) => new Date(s * 1000).toISOString();

test('a 40 ms step is seen beside a 4 minute one, and no bar leaves the track', () => {
  const rows = bars(
    [
      step('slow', { startedAt: at(1), endedAt: at(241) }),
      step('fast', { startedAt: at(0), endedAt: new Date(40).toISOString() }),
      step('skipped', { state: 'skipped' }),
      step('queued', { state: 'queued' }),
    ],
    0,
  );
  expect(rows.map((r) => r.key)).toEqual(['fast', 'slow']);
  expect(rows[0]?.width).toBeGreaterThanOrEqual(0.8);
  for (const r of rows) expect(r.left + r.width).toBeLessThanOrEqual(100);
});
test('what still runs grows with the time, and a clock behind the server shows no negative time', () => {
  const running = { startedAt: at(10), endedAt: null };
  expect(elapsed(running, 15_000)).toBe(5000);
  expect(elapsed(running, 5000)).toBe(0);
  expect(elapsed({ startedAt: null, endedAt: null }, 5000)).toBeNull();
});
test('the path taken follows the port chosen into steps that began', () => {
  const edges = [
    { id: 'yes', source: 'a', sourceHandle: 'yes', target: 'b' },
    { id: 'no', source: 'a', sourceHandle: 'no', target: 'c' },
    { id: 'next', source: 'b', sourceHandle: 'out', target: 'd' },
  ];
  const steps = [
    step('a', { port: 'yes', startedAt: at(0) }),
    step('b', { state: 'running', startedAt: at(1) }),
    step('c', { state: 'skipped' }),
  ];
  expect([...takenEdges(steps, edges)]).toEqual(['yes']);
});
test('a live change touches the one step it is about', () => {
  const run = { id: 'r', state: 'running', steps: [step('a'), step('b', { state: 'running' })] } as RunDetail;
  const message = (m: unknown) => m as LiveMessage;
  const next = applyRunMessages(run, [
    message({ topic: 'run:r', id: '1', type: 'step.changed', data: step('b') }),
    message({ topic: 'run:r', id: '2', type: 'step.changed', data: step('c', { state: 'queued' }) }),
    message({ topic: 'run:r', id: '3', type: 'run.changed', data: { id: 'r', state: 'succeeded' } }),
    message({ topic: 'runs', id: '4', type: 'run.changed', data: { id: 'other', state: 'failed' } }),
  ]);
  expect(next.state).toBe('succeeded');
  expect(next.steps.map((s) => [s.key, s.state])).toEqual([
    ['a', 'succeeded'],
    ['b', 'succeeded'],
    ['c', 'queued'],
  ]);
  expect(next.steps[0]).toBe(run.steps[0]);
});
test('a move stands behind the steps that had begun, as far along the one it fell into', () => {
  const steps = [
    step('first', { startedAt: at(0), endedAt: at(1) }),
    step('hold', { state: 'waiting', startedAt: at(1) }),
    step('after', { startedAt: at(90), endedAt: at(91) }),
  ];
  const rows = bars(steps, 101_000);
  const moved = (s: number) => ({ from: 1, to: 2, at: at(s), by: 'Ann', reason: 'mended' });
  const [quarter] = moveMarks([moved(26)], rows, steps);
  const hold = rows[1];
  expect(quarter?.behind).toBe(2);
  expect(quarter?.left).toBeCloseTo((hold?.left ?? 0) + (hold?.width ?? 0) / 2);
  expect(moveMarks([moved(-5), moved(1000)], rows, steps).map((m) => [m.behind, m.left <= 100])).toEqual([
    [0, true],
    [3, true],
  ]);
  expect(moveMarks([moved(3)], [], [])).toMatchObject([{ behind: 0, left: 0 }]);
});
test('a run whose version changed is another drawing, and only then', () => {
  const run = { id: 'r', version: 1 } as RunDetail;
  const change = (id: string, version: number) =>
    [{ topic: 'run:r', id: '1', type: 'run.changed', data: { id, version } }] as unknown as LiveMessage[];
  expect(isMoved(run, change('r', 2))).toBe(true);
  expect(isMoved(run, change('r', 1))).toBe(false);
  expect(isMoved(run, change('other', 2))).toBe(false);
});
test('only a JSON object is an input', () => {
  expect(parseInput('{"host":"web-01"}')).toEqual({ host: 'web-01' });
  expect(parseInput('  ')).toEqual({});
  for (const wrong of ['[1]', 'null', '7', '{', '"x"']) expect(parseInput(wrong)).toBeNull();
});

test('a run is asked for what the form of its trigger says, and for any JSON where there is none', () => {
  const drawing = (schema: unknown) => ({
    name: 'w',
    description: '',
    edges: [],
    nodes: [{ key: 's', type: 'manual', name: 's', x: 0, y: 0, config: { schema } }],
  });
  const form = { type: 'object', properties: { host: { type: 'string' } } };
  expect(formOf(drawing(JSON.stringify(form)))).toEqual(form);
  for (const none of [undefined, '', '{}', '{"type":', '[]']) expect(formOf(drawing(none))).toBeNull();
  expect(formOf(null)).toBeNull();
});
