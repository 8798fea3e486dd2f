import { beforeEach, describe, expect, test } from 'vitest';
import { lookQuery, wear } from './look';
import type { LookView } from './types';

const OURS: LookView = { name: null, logo: null, accent: null, by: 'product', until: null, home: null };
const sheets = () =>
  [...document.querySelectorAll('link[rel=stylesheet]')].map((link) => link.getAttribute('href'));

beforeEach(() => {
  document.head.innerHTML = '<link rel="stylesheet" href="/theme.css">';
});

describe('wear', () => {
  test('puts one sheet after those of the theme, and takes it off again', () => {
    wear({ ...OURS, accent: '/brand/accent-a.css' });
    wear({ ...OURS, accent: '/brand/accent-a.css' });
    expect(sheets()).toEqual(['/theme.css', '/brand/accent-a.css']);
    wear({ ...OURS, accent: '/brand/accent-b.css' });
    expect(sheets()).toEqual(['/theme.css', '/brand/accent-b.css']);
    wear(OURS);
    expect(sheets()).toEqual(['/theme.css']);
  });
});

describe('a label with an end', () => {
  const interval = (until: string | null) => {
    const { refetchInterval } = lookQuery;
    if (typeof refetchInterval !== 'function') throw new Error('not a function');
    return refetchInterval({ state: { data: { ...OURS, until } } } as Parameters<typeof refetchInterval>[0]);
  };
  test('is asked for again when it ends, and never in a hurry', () => {
    const soon = new Date(Date.now() + 10_000).toISOString();
    expect(interval(soon)).toBeGreaterThan(9_000);
    expect(interval(soon)).toBeLessThan(11_000);
    expect(interval(new Date(Date.now() - 99_000).toISOString())).toBe(1000);
    expect(interval('2099-01-01T00:00:00Z')).toBe(3_600_000);
    expect(interval(null)).toBe(false);
  });
});
