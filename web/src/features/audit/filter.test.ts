import { expect, test } from 'vitest';
import { exportPath, hasFilter, parseFilter, queryOf } from './filter';

test('only known filters are taken from the address, and never anything but text', () => {
  expect(parseFilter({ q: 'x', actor: '', action: ['a'], seq: 4, to: 2026 })).toEqual({ q: 'x', to: '2026' });
});

test('local times are asked for in UTC, unreadable ones not at all', () => {
  const local = '2026-03-01T12:30';
  expect(queryOf({ from: local, to: 'soon' })).toMatchObject({
    from: new Date(2026, 2, 1, 12, 30).toISOString(),
    to: undefined,
  });
  expect(hasFilter({})).toBe(false);
  expect(hasFilter({ to: local })).toBe(true);
});

test('an outcome that there is not is no filter', () => {
  expect(parseFilter({ outcome: 'maybe', address: '10.0.0.1' })).toEqual({ address: '10.0.0.1' });
  expect(parseFilter({ outcome: 'denied', target: 'rule' })).toEqual({ outcome: 'denied', target: 'rule' });
});

test('an export is of what the filter leaves', () => {
  expect(exportPath('csv', {})).toBe('/api/v1/audit/export?format=csv');
  expect(exportPath('json', { q: 'a&b', to: 'soon' })).toBe('/api/v1/audit/export?format=json&q=a%26b');
});
