import { expect, test } from 'vitest';
import type { WorkflowProblem } from '@/shared/client/types';
import { marks, placeOf, ranked } from './problems';

const problem = (part: Partial<WorkflowProblem>): WorkflowProblem => ({
  node: null,
  edge: null,
  severity: 'error',
  code: 'x',
  message: '',
  mend: '',
  ...part,
});
const edges = [{ from: 'a', port: 'out', to: 'b' }];

test('a problem of an edge stands on the node it starts from', () => {
  expect(placeOf(problem({ edge: 0 }), edges)).toBe('a');
  expect(placeOf(problem({ edge: 7 }), edges)).toBeNull();
  expect(placeOf(problem({}), edges)).toBeNull();
});
test('a node shows its worst problem', () => {
  expect(
    marks(
      [
        problem({ node: 'a' }),
        problem({ node: 'a', severity: 'warning' }),
        problem({ node: 'b', severity: 'warning' }),
      ],
      edges,
    ),
  ).toEqual({ a: 'error', b: 'warning' });
});
test('errors come before warnings, each in the order of the server', () => {
  const list = [
    problem({ code: '1', severity: 'warning' }),
    problem({ code: '2' }),
    problem({ code: '3', severity: 'warning' }),
    problem({ code: '4' }),
  ];
  expect(ranked(list).map((p) => p.code)).toEqual(['2', '4', '1', '3']);
});
