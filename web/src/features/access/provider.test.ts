import { expect, test } from 'vitest';
import { answerOf, domainOf } from './provider';

test('only the domain of a whole address is asked about', () => {
  expect(domainOf(' Ann@Northwind.example ')).toBe('northwind.example');
  for (const typed of ['', 'ann', 'ann@', 'ann@northwind', 'a@b@northwind.example', 'a n@northwind.example'])
    expect(domainOf(typed)).toBeNull();
});

test('an answer is read as text, and words of the provider are left out', () => {
  expect(answerOf('p', '?state=1&code=007&iss=https%3A%2F%2Fid.example&error_description=evil')).toEqual({
    provider: 'p',
    state: '1',
    code: '007',
    iss: 'https://id.example',
  });
  expect(answerOf('p', '?state=s&error=access_denied')).toEqual({
    provider: 'p',
    state: 's',
    error: 'access_denied',
  });
  expect(answerOf('p', '?code=1')).toBeNull();
});
