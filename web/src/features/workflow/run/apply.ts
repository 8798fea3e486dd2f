import type { LiveMessage, RunDetail } from '@/shared/client/types';

/** A run with the live messages about it put in; steps that no message is about stay the same objects. */
export function applyRunMessages(run: RunDetail, messages: readonly LiveMessage[]): RunDetail {
  let next = run;
  for (const m of messages) {
    if (m.type === 'run.changed' && m.data.id === run.id) next = { ...next, ...m.data };
    else if (m.type === 'step.changed') {
      const step = m.data;
      const known = next.steps.some((s) => s.key === step.key);
      next = {
        ...next,
        steps: known ? next.steps.map((s) => (s.key === step.key ? step : s)) : [...next.steps, step],
      };
    }
  }
  return next;
}
