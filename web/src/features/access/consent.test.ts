import { describe, expect, test } from 'vitest';
import { goesBack, questionOf, waiting } from './consent';

const GOOD = {
  response_type: 'code',
  client_id: 'c',
  redirect_uri: 'http://127.0.0.1:4000/back?x=1&y=2',
  scope: 'user:read incident:read',
  state: '8374928374928374923',
  code_challenge: 'h',
  code_challenge_method: 'S256',
  response_mode: 'query',
  nonce: '0012',
  prompt: 'login consent',
  max_age: '0',
};
const query = (v: Record<string, string>) => `?${new URLSearchParams(v)}`;

describe('what a program asks for', () => {
  test('is taken as it stands, a state that looks like a number too', () => {
    expect(questionOf(query(GOOD))).toEqual({
      responseType: 'code',
      clientId: 'c',
      redirectUri: 'http://127.0.0.1:4000/back?x=1&y=2',
      scope: 'user:read incident:read',
      state: '8374928374928374923',
      codeChallenge: 'h',
      codeChallengeMethod: 'S256',
      responseMode: 'query',
      nonce: '0012',
      prompt: 'login consent',
      maxAge: '0',
    });
  });
  test('leaves out what is not said', () => {
    expect(questionOf('response_type=code&client_id=c&redirect_uri=https://a.org/')).toEqual({
      responseType: 'code',
      clientId: 'c',
      redirectUri: 'https://a.org/',
    });
  });
  test.each(['response_type', 'client_id', 'redirect_uri'])('is no request without %s', (name) => {
    expect(questionOf(query({ ...GOOD, [name]: '' }))).toBeNull();
  });
  test.each(Object.keys(GOOD))('is no request that says %s twice', (name) => {
    expect(questionOf(`${query(GOOD)}&${name}=other`)).toBeNull();
  });
});

describe('what is not for the page to answer', () => {
  const asked = (more: Record<string, string>) => questionOf(query({ ...GOOD, ...more }));
  test.each(['request', 'request_uri', 'registration'])(
    'says that %s stood there, not what it was',
    (name) => {
      expect(asked({ [name]: 'x'.repeat(10_000) })).toEqual({ ...asked({}), unsupported: name });
    },
  );
  test.each([
    [{ prompt: 'none' }, true],
    [{ prompt: 'select_account' }, true],
    [{ prompt: 'login select_account' }, true],
    [{ request: '' }, true],
    [{ prompt: 'login consent' }, false],
    [{ prompt: 'nonesuch' }, false],
    [{}, false],
  ])('%j goes back unasked: %j', (more, back) => {
    const question = asked(more);
    expect(question && goesBack(question)).toBe(back);
  });
});

describe('how long a question has been open', () => {
  const question = { responseType: 'code', clientId: 'c', redirectUri: 'https://a.org/' };
  test.each([
    [0, 0],
    [1, 1],
    [59_000, 59],
    [59_001, 60],
    [-5_000, 0],
    [10 ** 9, 3600],
  ])('after %i ms it is %i s', (ms, seconds) => {
    expect(waiting(question, 1_000, 1_000 + ms)).toEqual({ ...question, waitedSeconds: seconds });
  });
});
