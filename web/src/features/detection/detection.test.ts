import { expect, test } from 'vitest';
import { webAddress } from './links';
import { sightOf } from './Sight';
import { span } from './span';

test('only plain web addresses of a rule become links', () => {
  expect(webAddress('https://attack.mitre.org/techniques/T1110/')).toBe(true);
  expect(webAddress('http://example.org')).toBe(true);
  for (const other of ['javascript:alert(1)', 'data:text/html,x', 'see the wiki', '', 'file:///etc/passwd'])
    expect(webAddress(other)).toBe(false);
});

test('a timespan reads as rules write it', () => {
  expect([45, 60, 90, 600, 3_600, 86_400, 90_000].map(span)).toEqual([
    '45s',
    '1m',
    '90s',
    '10m',
    '1h',
    '1d',
    '25h',
  ]);
});

test('nothing is claimed of what a rule sees while it is off or before events came', () => {
  const coverage = { state: 'blind-source', why: '', fields: [] } as const;
  expect(sightOf({ state: 'live', kind: 'rule', coverage: { ...coverage, fields: [] } })).toBe(
    'blind-source',
  );
  expect(sightOf({ state: 'disabled', kind: 'rule', coverage: null })).toBe('off');
  expect(sightOf({ state: 'live', kind: 'filter', coverage: null })).toBe('off');
  expect(sightOf({ state: 'live', kind: 'correlation', coverage: null })).toBe('unknown');
});
