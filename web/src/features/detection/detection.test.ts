import { expect, test } from 'vitest';
import { webAddress } from './links';

test('only plain web addresses of a rule become links', () => {
  expect(webAddress('https://attack.mitre.org/techniques/T1110/')).toBe(true);
  expect(webAddress('http://example.org')).toBe(true);
  for (const other of ['javascript:alert(1)', 'data:text/html,x', 'see the wiki', '', 'file:///etc/passwd'])
    expect(webAddress(other)).toBe(false);
});
