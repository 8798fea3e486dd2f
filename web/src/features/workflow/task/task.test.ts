import { describe, expect, test } from 'vitest';
import { formOf } from './TaskSheet';

describe('the form of a task', () => {
  test('is nothing where nothing is asked, or where it cannot be read', () => {
    expect(formOf('')).toBeNull();
    expect(formOf('  \n')).toBeNull();
    expect(formOf('{"type":')).toBeNull();
    expect(formOf('7')).toBeNull();
  });
  test('is the schema that the node has', () => {
    expect(formOf('{"type":"object","required":["verdict"]}')).toEqual({
      type: 'object',
      required: ['verdict'],
    });
  });
});
