import { beforeEach, describe, expect, it } from 'vitest';
import { leftOf, noteUse } from './idleness';

const T = 1_800_000_000_000;

describe('idleness', () => {
  beforeEach(() => localStorage.clear());
  it('counts from the last use', () => {
    noteUse(T);
    expect(leftOf(900, T)).toBe(900);
    expect(leftOf(900, T + 840_000)).toBe(60);
    expect(leftOf(900, T + 900_000)).toBe(0);
    expect(leftOf(900, T + 9_000_000)).toBe(0);
  });
  it('a use in another tab counts', () => {
    noteUse(T + 10_000_000);
    localStorage.setItem('cybershield.used', String(T + 10_600_000));
    expect(leftOf(900, T + 10_900_000)).toBe(600);
  });
  it('what another tab says of the future does not', () => {
    noteUse(T + 20_000_000);
    localStorage.setItem('cybershield.used', String(T + 99_000_000));
    expect(leftOf(900, T + 20_900_000)).toBe(0);
  });
});
