import { useWords } from '../words';
import { ByReference, type Reference } from './ByReference';
import css from './StepData.module.css';

/** Data of a step as JSON, scrolling inside its own box; what is by reference below it. */
export function StepData({
  label,
  value,
  references = [],
  runId = '',
}: {
  label: string;
  value: Record<string, unknown> | null;
  references?: Reference[];
  runId?: string;
}) {
  const t = useWords();
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
