import { expect, test } from 'vitest';
import { readFilters } from './urlFilters';

test('a filter is a text, also where the address reads like a number', () => {
  expect(readFilters({ q: 12, state: 'new', severity: '', other: 'x' }, ['q', 'state', 'severity'])).toEqual({
    q: '12',
    state: 'new',
  });
});
