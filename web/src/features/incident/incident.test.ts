import { expect, test } from 'vitest';
import type { IncidentView, LiveMessage } from '@/shared/client/types';
import { patchRows } from './api';
import { chronological } from './order';

const incident = (id: string, risk = 1) => ({ id, risk }) as IncidentView;
const changed = (data: IncidentView) =>
  ({ topic: 'incidents', id: '1', type: 'incident.changed', data }) as LiveMessage;

test('a live change replaces its row and leaves the others as they are', () => {
  const pages = {
    pages: [
      { items: [incident('a'), incident('b')], next: 'x' },
      { items: [incident('c')], next: null },
    ],
    pageParams: [null, 'x'],
  };
  const next = patchRows(pages, [changed(incident('b', 90))]);
  expect(next.pages[0]?.items.map((i) => i.risk)).toEqual([1, 90]);
  expect(next.pages[0]?.items[0]).toBe(pages.pages[0]?.items[0]);
  expect(next.pages[1]).toBe(pages.pages[1]);
});
test('a change of an incident that is not listed changes nothing', () => {
  const pages = { pages: [{ items: [incident('a')], next: null }], pageParams: [null] };
  expect(patchRows(pages, [changed(incident('z'))]).pages[0]).toBe(pages.pages[0]);
});
test('the timeline is oldest first and keeps the order of one moment', () => {
  const entries = [
    { id: 'c', at: '2026-11-21T10:00:01Z' },
    { id: 'a', at: '2026-11-21T10:00:00.000Z' },
    { id: 'b', at: '2026-11-21T10:00:00Z' },
  ];
  expect(chronological(entries).map((e) => e.id)).toEqual(['a', 'b', 'c']);
});
