import { ActionIcon } from '@mantine/core';
import {
  IconAlertTriangle,
  IconChevronDown,
  IconChevronUp,
  IconCircleCheck,
  IconCircleX,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { EdgeDefinition, WorkflowProblem } from '@/shared/client/types';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { useWords } from '../words';
import css from './ProblemsStrip.module.css';
import { placeOf, ranked } from './problems';

/** What is wrong with the drawing, errors first; choosing one selects the node it stands on. */
export function ProblemsStrip({
  problems,
  edges,
  names,
  failure,
  onRetry,
  onSelect,
}: {
  /** Undefined until the first judgement is there. */
  problems: readonly WorkflowProblem[] | undefined;
  edges: readonly EdgeDefinition[];
  names: ReadonlyMap<string, string>;
  failure: unknown;
  onRetry: () => void;
  onSelect: (node: string) => void;
}) {
  const t = useWords();
  const [open, setOpen] = useState(true);
  const list = ranked(problems ?? []);
  const errors = list.filter((p) => p.severity === 'error').length;
  return (
    <section className={css.strip} aria-label={t('problems.label')}>
      <header className={css.head}>
        <span
          className={css.sum}
          data-mark={errors ? 'error' : list.length ? 'warning' : 'none'}
          role="status"
        >
          {errors ? (
            <IconCircleX size={15} />
          ) : list.length ? (
            <IconAlertTriangle size={15} />
          ) : (
            <IconCircleCheck size={15} />
          )}
          {problems === undefined
            ? t('problems.checking')
            : list.length === 0
              ? t('problems.none')
              : t('problems.count', { count: list.length })}
        </span>
        {list.length > 0 && (
          <ActionIcon
            size={24}
            aria-expanded={open}
            aria-label={open ? t('problems.collapse') : t('problems.expand')}
            onClick={() => setOpen(!open)}
          >
            {open ? <IconChevronDown size={15} /> : <IconChevronUp size={15} />}
          </ActionIcon>
        )}
      </header>
      {failure ? <ProblemNotice problem={failure} onRetry={onRetry} /> : null}
      {open && list.length > 0 && (
        <ul className={css.rows}>
          {list.map((p, i) => {
            const place = placeOf(p, edges);
            const text = (
              <>
                {p.severity === 'error' ? (
                  <IconCircleX size={14} className={css.error} aria-label={t('problem.error')} />
                ) : (
                  <IconAlertTriangle size={14} className={css.warning} aria-label={t('problem.warning')} />
                )}
                <b>{place ? (names.get(place) ?? place) : t('problems.whole')}</b>
                <span>
                  {p.message} <span className={css.mend}>{p.mend}</span>
                </span>
              </>
            );
            return (
              <li key={`${p.code}-${i}`}>
                {place && names.has(place) ? (
                  <button type="button" onClick={() => onSelect(place)}>
                    {text}
                  </button>
                ) : (
                  <div>{text}</div>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
