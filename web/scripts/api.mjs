import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Writes src/shared/client/api.gen.ts for docs/openapi.json; with --check only says whether it is up to date. The first
 * line holds what the text was made of and a hash of the text itself, so that the check needs no generator.
 */
const DOCUMENT = '../docs/openapi.json';
const TARGET = 'src/shared/client/api.gen.ts';
const LOCK = 'codegen/package-lock.json';
const hash = (...texts) => {
  const h = createHash('sha256');
  for (const t of texts) h.update(t).update('\0');
  return h.digest('hex').slice(0, 16);
};
const madeOf = hash(readFileSync(DOCUMENT), readFileSync(LOCK));
const stamp = (text) => `// Made of docs/openapi.json by "npm run api": ${madeOf} ${hash(text)}\n`;

if (process.argv.includes('--check')) {
  const now = existsSync(TARGET) ? readFileSync(TARGET, 'utf8') : '';
  const text = now.slice(now.indexOf('\n') + 1);
  if (!now.startsWith(stamp(text))) {
    console.error(`${TARGET} is not what docs/openapi.json says, or was edited by hand. Run: npm run api`);
    process.exit(1);
  }
} else {
  const tool = 'codegen/node_modules/openapi-typescript/bin/cli.js';
  if (!existsSync(tool))
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: 'codegen', stdio: 'inherit' });
  const out = path.join(tmpdir(), `cybershield-api-${process.pid}.ts`);
  execFileSync(process.execPath, [tool, DOCUMENT, '--output', out], { stdio: 'inherit' });
  const text = readFileSync(out, 'utf8');
  writeFileSync(TARGET, stamp(text) + text);
  console.log(`${TARGET} written`);
}
