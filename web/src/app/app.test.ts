import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import frame from '@/shared/i18n/en.json';
import { safeNext } from './next';

test('after sign-in only a path of this product is followed', () => {
  expect(safeNext('/incidents/1?a=b')).toBe('/incidents/1?a=b');
  for (const bad of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:x',
    7,
    undefined,
  ])
    expect(safeNext(bad)).toBeUndefined();
});

type Words = { [key: string]: string | Words };
const at = (words: Words, key: string) =>
  key
    .split('.')
    .reduce<string | Words | undefined>((w, k) => (typeof w === 'object' ? w[k] : undefined), words);

describe('words', () => {
  const files = readdirSync('src', { recursive: true })
    .map((f) => path.join('src', String(f)))
    .filter((f) => /\.tsx?$/.test(f) && !/\.test\./.test(f));
  for (const file of files) {
    const feature = /^src\/features\/(\w+)\//.exec(file)?.[1];
    // Features with a useWords of their own have keys relative to their catalogue, and a test of their own.
    if (existsSync(`src/features/${feature}/words.ts`)) continue;
    const words: Words = {
      ...(frame as Words),
      ...(feature
        ? { [feature]: JSON.parse(readFileSync(`src/features/${feature}/en.json`, 'utf8')) as Words }
        : {}),
    };
    const keys = [...readFileSync(file, 'utf8').matchAll(/\bt\(\s*'([\w.-]+)'/g)].map((m) => m[1] ?? '');
    if (keys.length === 0) continue;
    test(`of ${file} are in its own catalogue or the frame's`, () => {
      const missing = keys.filter(
        (k) => typeof at(words, k) !== 'string' && typeof at(words, `${k}_other`) !== 'string',
      );
      expect(missing).toEqual([]);
    });
  }
});
