import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { csrfToken, http, onSignedOut, Problem, parseRetryAfter, withQuery } from './http';

type Call = { url: string; init: RequestInit };
const calls: Call[] = [];
let answers: Response[] = [];
const problem = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
const refusal = (run: () => Promise<unknown>): Promise<Problem> =>
  run().then(
    () => {
      throw new Error('expected a refusal');
    },
    (e: unknown) => {
      expect(e).toBeInstanceOf(Problem);
      return e as Problem;
    },
  );

beforeEach(() => {
  calls.length = 0;
  answers = [];
  // biome-ignore lint/suspicious/noDocumentCookie: the browser's own way to hold the token
  document.cookie = 'XSRF-TOKEN=first';
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    calls.push({ url, init });
    const next = answers.shift();
    return next ? Promise.resolve(next) : Promise.reject(new TypeError('network'));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  onSignedOut(() => {});
});
const headersOf = (n: number) => calls[n]?.init.headers as Record<string, string>;

describe('requests', () => {
  test('take the token from the cookie afresh, on every request that changes something', async () => {
    answers = [new Response('{}'), new Response('{}'), new Response('{}')];
    await http.post('/sign-out');
    // biome-ignore lint/suspicious/noDocumentCookie: as a sign-in does
    document.cookie = 'XSRF-TOKEN=second%3D';
    await http.patch(`/users/${String(1)}`, {});
    await http.get('/incidents');
    expect(headersOf(0)['X-XSRF-TOKEN']).toBe('first');
    expect(headersOf(1)['X-XSRF-TOKEN']).toBe('second=');
    expect(headersOf(2)['X-XSRF-TOKEN']).toBeUndefined();
  });

  test('leave out what is not set', () => {
    expect(withQuery('/a', { q: '', n: 0, on: false, x: null, y: undefined, s: 'a b&c' })).toBe(
      '/a?n=0&on=false&s=a+b%26c',
    );
    expect(withQuery('/a', {})).toBe('/a');
  });

  test('give nothing for an empty answer', async () => {
    answers = [new Response(null, { status: 204 })];
    expect(await http.delete('/sources/1')).toBeUndefined();
  });

  test('send a file as it is, with no content type of their own', async () => {
    answers = [new Response('{}')];
    const form = new FormData();
    form.append('file', new Blob(['x']), 'x.yml');
    await http.post('/rules/import', form);
    expect(calls[0]?.init.body).toBe(form);
    expect(headersOf(0)['content-type']).toBeUndefined();
  });
});

test('a token that is another by now is read again, once', async () => {
  const csrf = () => problem(403, { type: '/problems/csrf', status: 403 });
  answers = [csrf(), new Response('{}'), new Response('{"ok":true}')];
  expect(await http.post('/sign-out')).toEqual({ ok: true });
  expect(calls.map((c) => c.url)).toEqual(['/api/v1/sign-out', '/api/v1/session', '/api/v1/sign-out']);
  answers = [csrf(), new Response('{}'), csrf()];
  expect((await refusal(() => http.post('/sign-out'))).is('csrf')).toBe(true);
});

describe('refusals', () => {
  test('carry what the server said about each field', async () => {
    answers = [
      problem(422, {
        type: '/problems/invalid',
        title: 'Not valid',
        status: 422,
        detail: 'Two fields.',
        errors: [
          { pointer: '#/email', detail: 'is taken' },
          { pointer: '/name', detail: 'is blank' },
        ],
      }),
    ];
    const p = await refusal(() => http.post('/sign-out'));
    expect(p.is('invalid')).toBe(true);
    expect(p.fields(['email', 'name', 'password'])).toEqual({ email: 'is taken', name: 'is blank' });
  });

  test('name the missing permission and who grants it', async () => {
    answers = [
      problem(403, { type: '/problems/denied', permission: 'audit:read', grantedBy: ['tenant-admin'] }),
    ];
    const p = await refusal(() => http.get('/audit'));
    expect([p.permission, p.grantedBy]).toEqual(['audit:read', ['tenant-admin']]);
  });

  test('say how long to wait', async () => {
    answers = [problem(429, { type: '/problems/too-many-attempts' }, { 'retry-after': '42' })];
    expect(
      (await refusal(() => http.post('/sign-in', { email: 'a@b.example', password: 'x' }))).retryAfter,
    ).toBe(42);
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30);
    expect(parseRetryAfter('soon')).toBeUndefined();
    expect(parseRetryAfter('-5')).toBe(0);
  });

  test('survive an answer that is no problem document', async () => {
    answers = [new Response('<html>Bad gateway</html>', { status: 502 })];
    const p = await refusal(() => http.get('/incidents'));
    expect([p.status, p.type]).toEqual([502, 'about:blank']);
  });

  test('an unreachable server is a problem with status 0', async () => {
    expect((await refusal(() => http.get('/incidents'))).status).toBe(0);
  });

  test('a lost session is told; wrong credentials are not a lost session', async () => {
    const told = vi.fn();
    onSignedOut(told);
    answers = [problem(401, { type: '/problems/wrong-credentials', status: 401 })];
    await refusal(() => http.post('/sign-in', { email: 'a@b.example', password: 'x' }));
    expect(told).not.toHaveBeenCalled();
    answers = [problem(401, { type: '/problems/not-signed-in', status: 401 })];
    await refusal(() => http.get('/incidents'));
    expect(told).toHaveBeenCalledOnce();
  });
});

test('the token is found among other cookies and undone of its encoding', () => {
  expect(csrfToken('a=b; XSRF-TOKEN=x%2By=; c=d')).toBe('x+y=');
  expect(csrfToken('NOT-XSRF-TOKEN=x')).toBeUndefined();
});
