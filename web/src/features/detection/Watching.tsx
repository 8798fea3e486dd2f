import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { dateTime, number } from '@/shared/lib/format';
import layout from '@/shared/ui/ListDetail.module.css';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { summaryQuery, tallyQuery } from './api';
import css from './Detection.module.css';
import { useWords } from './words';

const FIGURES = ['files', 'loaded', 'refused', 'disabled', 'quarantined', 'correlations', 'filters'] as const;
const TALLY = ['taken', 'waiting', 'findings'] as const;
/** Shown only where something was left out. */
const LOST = ['late', 'ungrouped', 'evicted', 'overflowed', 'failed', 'forgotten'] as const;

/** What is loaded, what of it can see anything, and what became of the hits that correlations wanted. */
export function Watching({ onBlind }: { onBlind: () => void }) {
  const t = useWords();
  const query = useQuery(summaryQuery);
  const s = query.data;
  if (!s)
    return query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className={css.watching}>
      <dl className={css.figures}>
        {FIGURES.map((k) => (
          <div key={k}>
            <dt>{t(`summary.${k}`, { count: s[k] })}</dt>
            <dd className="num">{number(s[k])}</dd>
          </div>
        ))}
      </dl>
      <p className={layout.dim}>
        {s.lookingSince
          ? t('lookingSince', {
              live: number(s.live),
              blind: number(s.blind),
              when: dateTime(s.lookingSince),
              events: number(s.eventsSeen),
            })
          : t('notLooking')}
        {s.blind > 0 && (
          <Button variant="subtle" size="compact-xs" onClick={onBlind}>
            {t('showBlind')}
          </Button>
        )}
      </p>
      {s.correlations > 0 && <Correlating />}
    </div>
  );
}

function Correlating() {
  const t = useWords();
  const query = useQuery(tallyQuery);
  const tally = query.data;
  if (!tally)
    return query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />;
  return (
    <section aria-label={t('correlationTally')} className={css.tally}>
      <h2>{t('correlationTally')}</h2>
      {tally.since ? (
        <>
          <ul>
            {TALLY.map((k) => (
              <li key={k}>
                <b className="num">{number(tally[k])}</b> {t(`tally.${k}`, { count: tally[k] })}
              </li>
            ))}
            {LOST.filter((k) => tally[k] > 0).map((k) => (
              <li key={k} data-lost>
                <b className="num">{number(tally[k])}</b> {t(`tally.${k}`, { count: tally[k] })}
              </li>
            ))}
          </ul>
          <span className={layout.dim}>{t('tallySince', { when: dateTime(tally.since) })}</span>
        </>
      ) : (
        <span className={layout.dim}>{t('tallyNone')}</span>
      )}
    </section>
  );
}
