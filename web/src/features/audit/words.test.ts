import { expect, test } from 'vitest';
import en from './en.json';
import { changes, facts, keyWords, parts, placeOf } from './words';

const ID = '0199c0de-0000-7000-8000-000000000001';

test('a target says what it is and which', () => {
  expect(parts(`incident:${ID}`)).toEqual({ kind: 'incident', id: ID });
  expect(parts('permission:audit:read')).toEqual({ kind: 'permission', id: 'audit:read' });
  expect(parts('x')).toEqual({ kind: '', id: 'x' });
});

test('only a real id leads somewhere', () => {
  expect(placeOf('incident', ID)).toBe(`/incidents/${ID}`);
  expect(placeOf('incident', '../settings')).toBeNull();
  expect(placeOf('permission', 'audit:read')).toBeNull();
});

test('details read as words, without what was left empty', () => {
  expect(facts({ actionHash: 'ab', reason: '', half: 0.5, list: [1, 2] })).toEqual([
    { key: 'actionHash', value: 'ab' },
    { key: 'half', value: '0.5' },
    { key: 'list', value: '[1,2]' },
  ]);
  expect(facts('x')).toEqual([]);
  expect(keyWords('actionHash')).toBe('Action hash');
});

test('every kind of action has words, in a group that has a name', () => {
  for (const [group, actions] of Object.entries(en.did)) {
    expect(Object.keys(actions).length).toBeGreaterThan(0);
    expect(en.group).toHaveProperty(group);
  }
});

test('what was changed reads as before and after, once', () => {
  const detail = {
    before: { limit: 2, queue: true, old: null },
    after: { limit: 5, queue: true },
    reason: 'x',
  };
  expect(changes(detail)).toEqual([{ key: 'limit', before: '2', after: '5' }]);
  expect(facts(detail)).toEqual([{ key: 'reason', value: 'x' }]);
  expect(changes({ before: 'analyst', after: 'auditor' })).toEqual([
    { key: '', before: 'analyst', after: 'auditor' },
  ]);
  expect(changes({ before: 'x' })).toEqual([]);
  expect(changes(null)).toEqual([]);
});
