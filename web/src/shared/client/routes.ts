import type { paths } from './api.gen';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** `/incidents/{id}/tasks` of the document as the type of a template string: `/incidents/${string}/tasks`. */
type Written<K> = K extends `/api/v1${infer Rest}` ? Filled<Rest> : never;
type Filled<K extends string> = K extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Filled<After>}`
  : K;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** The operation at a path; a path with a variable part is found by its pattern only. */
type Operation<M extends Method, P> = P extends string
  ? {
      [K in keyof paths]: Same<Written<K>, P> extends true
        ? paths[K] extends Record<M, infer O>
          ? O
          : never
        : never;
    }[keyof paths]
  : never;

/** Paths, relative to /api/v1, that know the method. */
export type Route<M extends Method> = {
  [K in keyof paths]: paths[K] extends Record<M, unknown> ? Written<K> : never;
}[keyof paths];

type Good = 200 | 201 | 202 | 204;
type Content<R> = R extends { content: { 'application/json': infer B } } ? B : undefined;
export type Answer<M extends Method, P> =
  Operation<M, P> extends infer O
    ? O extends { responses: infer R }
      ? { [S in keyof R]: S extends Good ? Content<R[S]> : never }[keyof R]
      : never
    : never;

/** What is sent: JSON as the document says, or a form with a file. */
export type Body<M extends Method, P> =
  Operation<M, P> extends infer O
    ? O extends { requestBody?: { content: infer C } }
      ? C extends { 'application/json': infer B }
        ? B
        : FormData
      : undefined
    : never;

type Value = string | number | boolean | null | undefined;
/** What a list may be asked for; values are left out where they are empty. */
export type Search<P> =
  Operation<'get', P> extends infer O
    ? O extends { parameters: { query?: infer Q } }
      ? { [K in keyof Q]?: Value }
      : never
    : never;

/** Paths whose answer is one page of a list, and what is in it. */
export type ListRoute = {
  [P in Route<'get'>]: Answer<'get', P> extends { items: unknown[]; next: string | null } ? P : never;
}[Route<'get'>];
export type Item<P> = Answer<'get', P> extends { items: (infer T)[] } ? T : never;
