import { expect, test } from 'vitest';
import type { UploadView } from '@/shared/client/types';
import { closer, filled } from './buckets';
import { rangeOf, span, toField } from './range';
import { patchUpload } from './useUploads';

const NOW = Date.parse('2026-11-21T12:00:00Z');

test('a stretch is counted back from now and has no end', () => {
  expect(span('24h', undefined, undefined, NOW)).toEqual({ from: '2026-11-20T12:00:00.000Z' });
  expect(span('all', '2026-01-01T00:00:00Z', undefined, NOW)).toEqual({});
});
test('a chosen span keeps the ends that are times', () => {
  expect(span('custom', '2026-11-01T00:00:00Z', 'nonsense', NOW)).toEqual({
    from: '2026-11-01T00:00:00.000Z',
  });
});
test('an unknown range means all time', () => {
  expect(rangeOf('99y')).toBe('all');
  expect(rangeOf(undefined)).toBe('all');
  expect(rangeOf('7d')).toBe('7d');
});
test('a time goes into the date field and comes back as the same moment', () => {
  const at = '2026-11-21T12:34:00.000Z';
  expect(new Date(toField(at)).toISOString()).toBe(at);
  expect(toField('nonsense')).toBe('');
});
test('an upload is replaced where it stands, and a new one goes on top', () => {
  const upload = (id: string, records: number) => ({ id, records }) as UploadView;
  const pages = { pages: [{ items: [upload('a', 1), upload('b', 1)], next: null }], pageParams: [null] };
  expect(patchUpload(pages, upload('b', 9)).pages[0]?.items.map((u) => u.records)).toEqual([1, 9]);
  expect(patchUpload(pages, upload('c', 0)).pages[0]?.items.map((u) => u.id)).toEqual(['c', 'a', 'b']);
});

const at = (s: number) => new Date(s * 1000).toISOString();

test('a coarse look is followed by a closer one until the events fill it', () => {
  const year = 365 * 86_400;
  const coarse = { seconds: 30 * 86_400, buckets: [{ at: at(10 * year), count: 5 }] };
  const next = closer(coarse, 0, 20 * year * 1000);
  expect(next).toEqual({ from: 10 * year * 1000, to: (10 * year + 30 * 86_400) * 1000 });
  const fine = {
    seconds: 60,
    buckets: [
      { at: at(0), count: 1 },
      { at: at(3540), count: 1 },
    ],
  };
  expect(closer(fine, 0, 3_600_000)).toBeNull();
  expect(closer({ seconds: 60, buckets: [] }, 0, 1)).toBeNull();
});
test('every bar stands in its place, also where nothing happened', () => {
  const h = {
    seconds: 60,
    buckets: [
      { at: at(0), count: 3 },
      { at: at(180), count: 1 },
    ],
  };
  expect(filled(h).buckets.map((b) => b.count)).toEqual([3, 0, 0, 1]);
  expect(filled({ seconds: 60, buckets: [] }).buckets).toEqual([]);
});
test('a gap too wide to draw is left as it is', () => {
  const h = {
    seconds: 1,
    buckets: [
      { at: at(0), count: 1 },
      { at: at(10_000_000), count: 1 },
    ],
  };
  expect(filled(h)).toBe(h);
});
