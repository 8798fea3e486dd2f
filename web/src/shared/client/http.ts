import { customerHeader, leaveCustomer, worksInCustomer } from './customer';
import type { Answer, Body, Route, Search } from './routes';
import type { ProblemView } from './types';

const BASE = '/api/v1';

/** What lies between may answer too, and then with less. */
type ProblemBody = Partial<ProblemView>;

/** A refusal of the server (RFC 9457), or the failure to reach it (status 0). */
export class Problem extends Error {
  /** Path such as /problems/denied; the server serves a page about it there. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: { pointer: string; detail: string }[];
  /** The permission that was missing, with the roles that have it; only on 403. */
  readonly permission: string | undefined;
  readonly grantedBy: string[];
  /** Seconds to wait before trying again, where the server said so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    super(body.detail || body.title || `status ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.type = body.type ?? 'about:blank';
    this.title = body.title ?? '';
    this.detail = body.detail ?? '';
    this.errors = body.errors ?? [];
    this.permission = body.permission ?? undefined;
    this.grantedBy = body.grantedBy ?? [];
    this.retryAfter = retryAfter;
  }

  is(slug: string): boolean {
    return this.type === `/problems/${slug}` || this.type.endsWith(`/problems/${slug}`);
  }

  /** What the server said about one field, by JSON pointer or bare name. */
  field(name: string): string | undefined {
    return this.errors.find((e) => e.pointer.replace(/^#?\/?/, '') === name)?.detail;
  }

  /** The fields of a form that this problem explains; empty when it is about none of them. */
  fields<K extends string>(names: readonly K[]): Partial<Record<K, string>> {
    const out: Partial<Record<K, string>> = {};
    for (const name of names) {
      const detail = this.field(name);
      if (detail) out[name] = detail;
    }
    return out;
  }
}

export const isProblem = (error: unknown): error is Problem => error instanceof Problem;

export type Query = Record<string, string | number | boolean | null | undefined>;
type Options = { query?: Query; headers?: Record<string, string>; signal?: AbortSignal };

export function withQuery(path: string, query: Query = {}): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(query))
    if (v !== undefined && v !== null && v !== '') q.set(k, String(v));
  const text = q.toString();
  return text ? `${path}?${text}` : path;
}

/** Read fresh for every request: the token changes at sign-in. */
export function csrfToken(cookies = document.cookie): string | undefined {
  for (const part of cookies.split(';')) {
    const [name, ...value] = part.trim().split('=');
    if (name === 'XSRF-TOKEN') return decodeURIComponent(value.join('='));
  }
  return undefined;
}

let signedOut: () => void = () => {};
/** Called when an answer says that the session is gone; the router then leads to sign-in and back. */
export function onSignedOut(handler: () => void) {
  signedOut = handler;
}

export function parseRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

function problemOf(status: number, text: string, retryAfter: string | null): Problem {
  let body: ProblemBody = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed && typeof parsed === 'object') body = parsed as ProblemBody;
  } catch {
    // A proxy's error page: the status is all we know.
  }
  const problem = new Problem(status, body, parseRetryAfter(retryAfter));
  if (problem.is('not-signed-in') || problem.is('company-suspended')) signedOut();
  return problem;
}

const unreachable = () => new Problem(0, { type: '/problems/unreachable' });

/** Reading anything sets the CSRF cookie. */
const renewToken = () =>
  fetch(`${BASE}/session`, { credentials: 'same-origin' }).then(
    () => {},
    () => {},
  );

async function request<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<T> {
  if (method === 'GET') return attempt<T>(method, path, body, options);
  if (!csrfToken()) await renewToken();
  try {
    return await attempt<T>(method, path, body, options);
  } catch (e) {
    // Another tab signed in or out meanwhile. Nothing was done yet, so the same may be sent again with the present token.
    if (!isProblem(e) || !e.is('csrf')) throw e;
    await renewToken();
    return attempt<T>(method, path, body, options);
  }
}

async function attempt<T>(
  method: string,
  path: string,
  body: unknown,
  { query, headers, signal }: Options,
): Promise<T> {
  const send: Record<string, string> = {
    accept: 'application/json, application/problem+json',
    ...customerHeader(path),
    ...headers,
  };
  const token = method === 'GET' ? undefined : csrfToken();
  if (token) send['X-XSRF-TOKEN'] = token;
  let payload: BodyInit | null = null;
  if (body instanceof FormData) payload = body;
  else if (body !== undefined) {
    payload = JSON.stringify(body);
    send['content-type'] = 'application/json';
  }
  let answer: Response;
  try {
    answer = await fetch(BASE + withQuery(path, query), {
      method,
      headers: send,
      body: payload,
      credentials: 'same-origin',
      signal: signal ?? null,
    });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw unreachable();
  }
  const text = await answer.text();
  if (worksInCustomer && path === '/session' && answer.status === 404) leaveCustomer();
  if (!answer.ok) throw problemOf(answer.status, text, answer.headers.get('retry-after'));
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Sends one file as multipart `file`; fetch cannot report how far an upload is, hence XMLHttpRequest. */
function upload<P extends Route<'post'>>(
  path: P,
  file: File,
  { onProgress, signal }: { onProgress?: (sent: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<Answer<'post', P>> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest();
    x.open('POST', BASE + path);
    x.setRequestHeader('accept', 'application/json, application/problem+json');
    for (const [name, value] of Object.entries(customerHeader(path))) x.setRequestHeader(name, value);
    const token = csrfToken();
    if (token) x.setRequestHeader('X-XSRF-TOKEN', token);
    x.upload.onprogress = (e) => onProgress?.(e.loaded, e.lengthComputable ? e.total : file.size);
    x.onload = () => {
      if (x.status >= 200 && x.status < 300) resolve(x.responseText ? JSON.parse(x.responseText) : undefined);
      else reject(problemOf(x.status, x.responseText, x.getResponseHeader('retry-after')));
    };
    x.onerror = () => reject(unreachable());
    x.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    signal?.addEventListener('abort', () => x.abort());
    const form = new FormData();
    form.append('file', file);
    x.send(form);
  });
}

type With<Q> = Omit<Options, 'query'> & { query?: Q };

/**
 * Paths are relative to /api/v1; the OpenAPI document says what may be asked there and what comes back. Every refusal is
 * thrown as a {@link Problem}.
 */
export const http = {
  get: <P extends Route<'get'>>(path: P, options?: With<Search<P>>) =>
    request<Answer<'get', P>>('GET', path, undefined, options),
  post: <P extends Route<'post'>>(path: P, body?: Body<'post', P>, options?: Options) =>
    request<Answer<'post', P>>('POST', path, body, options),
  put: <P extends Route<'put'>>(path: P, body: Body<'put', P>, options?: Options) =>
    request<Answer<'put', P>>('PUT', path, body, options),
  patch: <P extends Route<'patch'>>(path: P, body: Body<'patch', P>, options?: Options) =>
    request<Answer<'patch', P>>('PATCH', path, body, options),
  delete: <P extends Route<'delete'>>(path: P, options?: Options) =>
    request<Answer<'delete', P>>('DELETE', path, undefined, options),
  upload,
};
