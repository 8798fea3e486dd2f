import { IconCheck, IconX } from '@tabler/icons-react';
import { dateTime } from '@/shared/lib/format';
import layout from '@/shared/ui/ListDetail.module.css';
import type { Explanation as ExplanationView } from './api';
import css from './Detection.module.css';
import { useWords } from './words';

/** Why a rule fires on an event, or does not: the answer, then whole sentences, then field by field. */
export function Explanation({ of }: { of: ExplanationView }) {
  const t = useWords();
  const correlation = of.parts.length > 0;
  return (
    <div className={css.explanation}>
      <p className={css.outcome} data-fires={of.outcome === 'fires'}>
        {of.outcome === 'fires' ? <IconCheck size={14} stroke={2.2} /> : <IconX size={14} stroke={2.2} />}
        {correlation && of.outcome !== 'other-log-source' && of.outcome !== 'refused'
          ? t(`outcomeCorrelation.${of.outcome}`)
          : t(`outcome.${of.outcome}`)}
      </p>
      <p className={layout.dim}>{t('ofEvent', { when: dateTime(of.event.occurredAt) })}</p>
      <ul className={css.sentences}>
        {of.why.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {of.absent.length > 0 && <p className={layout.dim}>{t('absent', { fields: of.absent.join(', ') })}</p>}
      {of.parts.length > 0 && (
        <>
          <h4>{t('parts')}</h4>
          <ul className={css.answers}>
            {of.parts.map((p) => (
              <Line key={p.ruleId} holds={p.fires} text={`${p.title}: ${p.why.join(' ')}`} />
            ))}
          </ul>
        </>
      )}
      {of.selections.map((s) => (
        <div key={s.name}>
          <h4>
            <span className="mono">{s.name}</span> {t(s.holds ? 'holds' : 'fails')}
          </h4>
          <ul className={css.answers}>
            {s.answers.map((a) => (
              <Line key={`${a.field} ${a.modifiers} ${a.text}`} holds={a.holds} text={a.text} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function Line({ holds, text }: { holds: boolean; text: string }) {
  const t = useWords();
  return (
    <li data-holds={holds}>
      {holds ? (
        <IconCheck size={13} stroke={2.2} aria-label={t('holds')} />
      ) : (
        <IconX size={13} stroke={2.2} aria-label={t('fails')} />
      )}
      <span>{text}</span>
    </li>
  );
}
