import { expect, test } from 'vitest';
import type { NodeTypeView } from '@/shared/client/types';
import { templateSchema } from './schema';

test('a template says all that the node can, but for its words, and a deadline', () => {
  const approval = {
    configSchema: {
      type: 'object',
      required: ['title'],
      properties: {
        title: {},
        message: {},
        template: {},
        role: { type: 'string' },
        stages: { type: 'array' },
      },
    },
  } as unknown as NodeTypeView;
  expect(Object.keys(templateSchema(approval).properties as object)).toEqual([
    'role',
    'stages',
    'timeoutSeconds',
  ]);
  expect(templateSchema(approval)).not.toHaveProperty('required');
});
