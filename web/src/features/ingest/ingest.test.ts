import { expect, test } from 'vitest';
import type { UploadView } from '@/shared/client/types';
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
