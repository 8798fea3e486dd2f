import { expect, test } from 'vitest';
import { inZone } from './times';

test('the hour that autumn repeats is told apart by its offset', () => {
  expect(inZone('2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe('Sun, Oct 25, 2026, 02:30:00 GMT+2');
  expect(inZone('2026-10-25T01:30:00Z', 'Europe/Berlin')).toBe('Sun, Oct 25, 2026, 02:30:00 GMT+1');
});
