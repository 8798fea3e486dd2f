import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const sheet = readFileSync('src/shared/theme/mantine.css', 'utf8');
const sources = readdirSync('src', { recursive: true })
  .map((f) => path.join('src', String(f)))
  .filter((f) => /\.tsx$/.test(f));

test('every Mantine component in use has its stylesheet', () => {
  const used = new Set<string>();
  for (const file of sources)
    for (const [, names] of readFileSync(file, 'utf8').matchAll(/import \{([^}]+)\} from '@mantine\/core'/g))
      for (const name of (names ?? '').split(',')) used.add(name.trim());
  const missing = [...used].filter(
    (name) =>
      existsSync(`node_modules/@mantine/core/styles/${name}.css`) && !sheet.includes(`/styles/${name}.css`),
  );
  expect(used.size).toBeGreaterThan(5);
  expect(missing).toEqual([]);
});
