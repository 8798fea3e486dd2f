import { expect, test } from 'vitest';
import { customerIn } from '@/shared/client/customer';
import { chosen, dayIn, untilOf } from './terms';

test('a grant ends with its day, never after what was asked', () => {
  expect(untilOf('2027-01-31')).toBe('2027-01-31T23:59:59Z');
  expect(untilOf('2027-01-31', '2027-01-31T12:00:00Z')).toBe('2027-01-31T12:00:00Z');
  expect(untilOf('2027-01-30', '2027-01-31T12:00:00Z')).toBe('2027-01-30T23:59:59Z');
  expect(dayIn(2, Date.parse('2026-12-31T10:00:00Z'))).toBe('2027-01-02');
});

test('nobody named is not everybody', () => {
  expect(chosen('all', 'a b')).toBeNull();
  expect(chosen('some', 'a b')).toEqual(['a', 'b']);
  expect(chosen('some', '')).toEqual([]);
});

test('only an address of a customer is one', () => {
  const id = '3f2b8c1e-0000-4000-8000-000000000001';
  expect(customerIn(`/in/${id}`)).toBe(id);
  expect(customerIn(`/in/${id}/incidents`)).toBe(id);
  expect(customerIn(`/in/${id}x`)).toBeUndefined();
  expect(customerIn('/in/somebody/incidents')).toBeUndefined();
  expect(customerIn(`/x/in/${id}`)).toBeUndefined();
});
