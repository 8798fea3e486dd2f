import { expect, test } from 'vitest';
import type { WorkflowDiff } from '@/shared/client/types';
import { readable, settingsOf, shown } from './diff';

const diff: WorkflowDiff = {
  from: 1,
  to: null,
  about: [],
  edges: [],
  nodes: [
    {
      key: 'a',
      name: 'A',
      type: 'set',
      change: 'changed',
      settings: [
        { path: '/config/vars/a', change: 'changed', before: '1', after: '2' },
        { path: '/x', change: 'changed', before: 0, after: 8 },
      ],
    },
    {
      key: 'b',
      name: 'B',
      type: 'set',
      change: 'moved',
      settings: [{ path: '/y', change: 'changed', before: 0, after: 8 }],
    },
  ],
};

test('where a node stands is no change that anybody has to read', () => {
  expect(readable(diff)).toMatchObject({ nodes: [{ key: 'a' }], moved: 1 });
  expect(diff.nodes.map((n) => settingsOf(n).map((s) => s.path))).toEqual([['/config/vars/a'], []]);
});

test('values read as they are written', () => {
  expect([shown('a'), shown(1), shown({ a: [true] }), shown(null), shown(undefined)]).toEqual([
    'a',
    '1',
    '{"a":[true]}',
    '',
    '',
  ]);
});
