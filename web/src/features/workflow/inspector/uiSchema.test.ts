import { expect, test } from 'vitest';
import { uiSchemaOf } from './uiSchema';

test('long texts are written in several lines, choices and short texts in one', () => {
  const ui = uiSchemaOf({
    configSchema: {
      type: 'object',
      properties: {
        subject: { type: 'string', maxLength: 200 },
        text: { type: 'string', maxLength: 20_000 },
        role: { type: 'string', enum: ['a'], maxLength: 9000 },
        seconds: { type: 'integer' },
      },
    },
  });
  expect(Object.keys(ui).filter((k) => !k.startsWith('ui:'))).toEqual(['text']);
});
