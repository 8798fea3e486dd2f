import type { LiveMessage, RunDetail } from '@/shared/client/types';

/** Whether a message says that the run goes on in another version: its drawing is another, and is to be read again. */
export const isMoved = (run: RunDetail, messages: readonly LiveMessage[]): boolean =>
  messages.some((m) => m.type === 'run.changed' && m.data.id === run.id && m.data.version !== run.version);

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
