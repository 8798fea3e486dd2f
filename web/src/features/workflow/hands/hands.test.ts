import { expect, test } from 'vitest';
import type { Definition } from '@/shared/client/types';
import { createEditor } from '../builder/editor';
import { toDefinition, toGraph } from '../graph';
import { parsed } from './parsed';

const drawn: Definition = {
  name: 'w',
  description: '',
  nodes: [
    {
      key: 'a',
      type: 'isolate-endpoint',
      name: 'A',
      config: {},
      x: 0,
      y: 0,
      retry: {
        maxAttempts: 3,
        delaySeconds: 1,
        backoff: 'fixed',
        jitterPercent: 0,
        withinSeconds: 60,
        retryOn: 'true',
      },
      exemption: 'Laboratory only',
    },
  ],
  edges: [],
  settings: { deadlineSeconds: 60, closingSeconds: null, keepOnFailure: true, errorWorkflow: 'x' },
} as Definition;

test('exemption, retries and run settings survive the way to the canvas and back', () => {
  expect(toDefinition(toGraph(drawn), 'w', '')).toEqual(drawn);
});
test('run settings are part of the history and of what is loaded', () => {
  const editor = createEditor(drawn);
  const next = { deadlineSeconds: 5, closingSeconds: null, keepOnFailure: null, errorWorkflow: null };
  editor.getState().configure(next);
  expect(editor.getState().settings).toEqual(next);
  editor.getState().undo();
  expect(editor.getState().settings).toEqual(drawn.settings);
  editor.getState().load({ ...drawn, settings: null } as Definition);
  expect(toDefinition(editor.getState(), 'w', '')).not.toHaveProperty('settings.deadlineSeconds');
});
test('what is sent with a signal is an object or nothing', () => {
  expect(parsed('{"a": 1}')).toEqual({ a: 1 });
  expect(parsed('  ')).toEqual({});
  for (const text of ['[1]', '"x"', '1', 'null', '{', 'yes']) expect(parsed(text)).toBeNull();
});
