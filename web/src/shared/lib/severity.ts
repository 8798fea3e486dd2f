import type { Severity } from '@/shared/client/types';

/** Heaviest first, as lists and legends show them. */
export const SEVERITIES = [
  'critical',
  'high',
  'medium',
  'low',
  'info',
] as const satisfies readonly Severity[];

/** OCSF severity_id; Fatal and Other have no level of their own here. */
export function severityOf(severityId: number): Severity {
  if (severityId >= 5) return severityId === 99 ? 'info' : 'critical';
  return (['info', 'info', 'low', 'medium', 'high'] as const)[severityId] ?? 'info';
}
