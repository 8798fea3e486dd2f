import { describe, expect, test } from 'vitest';
import { questionOf } from './consent';

const GOOD = {
  response_type: 'code',
  client_id: 'c',
  redirect_uri: 'http://127.0.0.1:4000/back?x=1&y=2',
  scope: 'user:read incident:read',
  state: '8374928374928374923',
  code_challenge: 'h',
  code_challenge_method: 'S256',
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
