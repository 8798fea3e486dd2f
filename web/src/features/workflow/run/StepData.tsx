import { useWords } from '../words';
import css from './StepData.module.css';

/** A step's input or output as JSON, scrolling inside its own box. */
export function StepData({ label, value }: { label: string; value: Record<string, unknown> | null }) {
  const t = useWords();
  return (
    <section className={css.data} aria-label={label}>
      <h3>{label}</h3>
      {value === null ? (
        <p>{t('step.nothing')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
        <pre className="mono" tabIndex={0}>
          {JSON.stringify(value, null, 2)}
        </pre>
      )}
    </section>
  );
}
