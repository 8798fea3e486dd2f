import { expect, test } from 'vitest';
import { localPath } from './link';

const HERE = 'http://localhost:8080';
test('links into the product keep their token; no other address becomes a link', () => {
  expect(localPath('http://localhost:8080/verify?token=a', HERE)).toBe('/verify?token=a');
  expect(localPath('http://localhost:8080/reset-password?token=a', HERE)).toBe('/reset-password?token=a');
  expect(localPath('http://127.0.0.1:9/approvals/1', HERE)).toBe('/approvals/1');
  expect(localPath('https://evil.example/verify?token=a', HERE)).toBeNull();
  expect(localPath('javascript:alert(1)', HERE)).toBeNull();
  expect(localPath('http://localhost:8080/api/v1/sign-out', HERE)).toBeNull();
  expect(localPath('http://localhost:8080//evil.example/verify', HERE)).toBeNull();
  expect(localPath('not a link', HERE)).toBeNull();
});
