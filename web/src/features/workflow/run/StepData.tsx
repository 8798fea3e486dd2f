import type { StepView } from '@/shared/client/types';
import { useWords } from '../words';
import { ByReference } from './ByReference';
import css from './StepData.module.css';

/** A step's input or output as JSON, scrolling inside its own box; what is by reference below it. */
export function StepData({ step, part, runId }: { step: StepView; part: 'input' | 'output'; runId: string }) {
  const t = useWords();
  const label = t(`step.${part}`);
  const value = step[part];
  const references = step.payloads.filter((one) => one.in === part);
  const isAllElsewhere = references.length > 0 && value !== null && Object.keys(value).length === 0;
  return (
    <section className={css.data} aria-label={label}>
      <h3>{label}</h3>
      {value === null && references.length === 0 && <p>{t('step.nothing')}</p>}
      {value !== null && !isAllElsewhere && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
        <pre className="mono" tabIndex={0}>
          {JSON.stringify(value, null, 2)}
        </pre>
      )}
      {references.map((one) => (
        <ByReference key={one.name} runId={runId} reference={one} />
      ))}
    </section>
  );
}
