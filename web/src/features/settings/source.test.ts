import { expect, test } from 'vitest';
import type { SourceKind, SourceView } from '@/shared/client/types';
import { recipes, sourceStatus } from './source';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const source = (more: Partial<SourceView>): SourceView => ({
  id: 's1',
  name: 'x',
  kind: 'json',
  createdAt: '2026-01-01T00:00:00Z',
  lastReceivedAt: '2026-01-01T23:59:00Z',
  received: 1,
  refused: 0,
  unparsed: 0,
  state: 'active',
  tokenHint: null,
  ...more,
});

test('a source is silent after an hour without an event, never a revoked one or that of the uploads', () => {
  expect(sourceStatus(source({}), NOW)).toBe('active');
  expect(sourceStatus(source({ lastReceivedAt: '2026-01-01T22:00:00Z' }), NOW)).toBe('silent');
  expect(sourceStatus(source({ lastReceivedAt: null, createdAt: '2026-01-01T23:50:00Z' }), NOW)).toBe(
    'active',
  );
  expect(sourceStatus(source({ lastReceivedAt: null }), NOW)).toBe('silent');
  expect(sourceStatus(source({ lastReceivedAt: null, state: 'revoked' }), NOW)).toBe('revoked');
  expect(sourceStatus(source({ lastReceivedAt: null, kind: 'upload' }), NOW)).toBe('active');
});

test('every command names the door of this source and its token', () => {
  for (const kind of ['json', 'syslog', 'windows', 'linux'] satisfies SourceKind[]) {
    const all = recipes(kind, 's1', 'csi_x', 'https://soc.example');
    expect(all.length).toBeGreaterThan(0);
    for (const r of all) {
      expect(r.command).toContain('api/v1/ingest/s1');
      expect(r.command).toContain('Bearer csi_x');
    }
  }
});

test('the forwarder for rsyslog is a script in whole lines, ended where it is to end', () => {
  const rsyslog = recipes('syslog', 's1', 'csi_x', 'https://soc.example').find((r) => r.id === 'rsyslog');
  const lines = rsyslog?.command.split('\n') ?? [];
  expect(lines.filter((l) => l === 'END').length).toBe(2);
  expect(lines).toContain("    batch+=$'\\n'$line n=$((n + 1))");
  expect(lines.find((l) => l.includes('curl'))).toMatch(/'https:\/\/soc\.example\/api\/v1\/ingest\/s1' \\$/);
});
