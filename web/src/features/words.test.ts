import { describe, expect, test } from 'vitest';

type Words = { [key: string]: string | Words };
const catalogues = import.meta.glob<Words>('./*/en.json', { eager: true, import: 'default' });
const sources = import.meta.glob<string>('./*/**/*.{ts,tsx}', {
  eager: true,
  query: '?raw',
  import: 'default',
});
/** Features that read their words through their own `useWords`, whose keys are relative to the catalogue. */
const FEATURES = ['asset', 'detection', 'incident', 'ingest', 'workflow'];

const flat = (words: Words, prefix = ''): string[] =>
  Object.entries(words).flatMap(([k, v]) =>
    typeof v === 'string' ? [prefix + k] : flat(v, `${prefix}${k}.`),
  );
const withoutComparisons = (code: string) => code.replace(/[!=]== '[^']*'/g, '');
const sourceOf = (feature: string) =>
  Object.entries(sources)
    .filter(([path]) => path.startsWith(`./${feature}/`) && !path.includes('.test.'))
    .map(([, text]) => text)
    .join('\n');

describe.each(FEATURES)('words of %s', (feature) => {
  const keys = new Set(
    flat(catalogues[`./${feature}/en.json`] ?? {}).map((k) => k.replace(/_(one|other)$/, '')),
  );
  const text = sourceOf(feature);
  // Every quoted text inside a call of t, which also finds both sides of a condition.
  const calls = [...text.matchAll(/\bt\(((?:[^()]|\([^()]*\))*)\)/g)].map((m) => m[1] ?? '');
  const used = new Set(
    calls.flatMap((c) =>
      [...withoutComparisons(c.split(', {')[0] ?? '').matchAll(/'([\w.-]+)'/g)].map((m) => m[1] ?? ''),
    ),
  );
  const prefixes = calls.flatMap((c) => [...c.matchAll(/`([\w.-]+)\$\{/g)].map((m) => m[1] ?? ''));

  test('no screen asks for a word that is missing', () => {
    expect([...used].filter((k) => !keys.has(k))).toEqual([]);
    for (const p of prefixes) expect([...keys].some((k) => k.startsWith(p))).toBe(true);
  });
  test('no word is left over', () => {
    const quoted = new Set([...text.matchAll(/'([\w.-]+)'/g)].map((m) => m[1] ?? ''));
    expect([...keys].filter((k) => !quoted.has(k) && !prefixes.some((p) => k.startsWith(p)))).toEqual([]);
  });
});
