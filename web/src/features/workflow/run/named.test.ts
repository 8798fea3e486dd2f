import { expect, test } from 'vitest';
import { named } from './named';

const nodes = [
  { key: 'http-request-2', name: 'Close the ticket' },
  { key: 'each', name: 'Each host' },
  { key: 'nameless', name: '' },
];

test('a sentence of the engine names a step as it is drawn, and a round of a loop by its id too', () => {
  expect(named("Step 'http-request-2' failed: 'http-request-2' answered 404", nodes)).toBe(
    "Step “Close the ticket” failed: 'http-request-2' answered 404",
  );
  expect(named("Step 'each' failed: Item 1: step 'http-request-2' failed: no", nodes)).toBe(
    'Step “Each host” failed: Item 1: step “Close the ticket” failed: no',
  );
  expect(named("Whether step 'each[3]/http-request-2' took effect is not known.", nodes)).toBe(
    'Whether step “Close the ticket” (each[3]/http-request-2) took effect is not known.',
  );
});

test('what has no name, or is not drawn, keeps its key', () => {
  for (const sentence of ["Step 'nameless' failed: no", "Step 'gone' failed: no", 'All steps are done.'])
    expect(named(sentence, nodes)).toBe(sentence);
});
