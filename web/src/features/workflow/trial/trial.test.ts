import { expect, test } from 'vitest';
import type { TryView } from '@/shared/client/types';
import { asDrawn, nodeOf, toggled, trialMarks } from './trial';

const step = (id: string, state: string) => ({
  step: id,
  state,
  port: null,
  attempts: 0,
  epoch: 0,
  output: null,
  note: null,
  simulated: false,
  pinned: false,
});
const tried: TryView = {
  state: 'succeeded',
  summary: null,
  notes: [],
  steps: [step('start', 'succeeded'), step('each[0]/note', 'failed'), step('each[1]/note', 'succeeded')],
  stop: null,
  unusedPins: [],
  at: '2026-01-01T00:00:00Z',
  tookMillis: 0,
  events: 3,
};

test('a round of a loop is a step of its node', () => {
  expect([nodeOf('note'), nodeOf('each[1]/note'), nodeOf('a[0]/b[2]/note')]).toEqual([
    'note',
    'note',
    'note',
  ]);
});

test('the canvas shows the latest state beside the worst problem', () => {
  expect(trialMarks({ start: 'warning' }, tried)).toEqual({
    start: { problem: 'warning', state: 'succeeded' },
    note: { state: 'succeeded' },
  });
  expect(trialMarks({ start: 'error' }, null)).toEqual({ start: { problem: 'error' } });
});

test('a breakpoint goes on and off', () => {
  const on = toggled(new Set(), 'a');
  expect([...on]).toEqual(['a']);
  expect([...toggled(on, 'a')]).toEqual([]);
});

test('steps of a trial read from top to bottom as they are drawn, rounds behind each other', () => {
  const steps = ['after', 'loop[0]/each', 'loop[1]/each', 'start', 'gone'].map((step) => ({ step }));
  const nodes = ['start', 'loop', 'each', 'after'].map((key) => ({ key }));
  expect(asDrawn(steps, nodes).map((s) => s.step)).toEqual([
    'start',
    'loop[0]/each',
    'loop[1]/each',
    'after',
    'gone',
  ]);
});
