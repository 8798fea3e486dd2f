import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { standingQuery } from '@/shared/client/approvals';
import type { ApprovalStage, ApprovalStanding, ApprovalView } from '@/shared/client/types';
import { dateTime, dueIn } from '@/shared/lib/format';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { useWords } from '../words';
import css from './Approval.module.css';

/** Who has voted, who is still asked, and what is missing. An old question of one role says all that in its other lines. */
export function Standing({ approval }: { approval: ApprovalView }) {
  const t = useWords();
  const { data, error, refetch } = useQuery(standingQuery(approval.id));
  if (!data && error) return <ProblemNotice problem={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  return (
    <section aria-label={t('asks.votes')}>
      <h3>{t('asks.votes')}</h3>
      <ol className={css.stages}>
        {data.stages.map((stage, i) => (
          <Stage key={`${i} ${stage.name}`} stage={stage} />
        ))}
      </ol>
      {approval.state === 'waiting' && <Waiting standing={data} />}
      {data.note && <p className={css.warning}>{t('asks.note', { note: data.note })}</p>}
    </section>
  );
}

function Stage({ stage }: { stage: ApprovalStage }) {
  const t = useWords();
  const shared = useTranslation().t;
  const asked = stage.asked.map((who) => shared(`role.${who}`, who)).join(', ');
  return (
    <li data-state={stage.state}>
      <p>
        <b>{stage.name || t('asks.decision')}</b>{' '}
        <span className="num">{t('asks.counted', { have: stage.have, need: stage.need })}</span>{' '}
        {stage.state !== 'open' && <span className={css.state}>{t(`asks.stage.${stage.state}`)}</span>}
      </p>
      <p className={css.lead}>{t('asks.of', { asked })}</p>
      {stage.votes.length > 0 && (
        <ul>
          {stage.votes.map((vote) => (
            <li key={`${vote.by} ${vote.at}`}>
              <Status value={vote.verdict === 'approve' ? 'approved' : 'declined'} />{' '}
              {vote.inPlaceOf ? t('asks.inPlaceOf', { by: vote.by, of: vote.inPlaceOf }) : vote.by},{' '}
              <time className="num" dateTime={vote.at}>
                {dateTime(vote.at)}
              </time>
              {vote.steppedUp && <> · {t('asks.steppedUp')}</>}
              {vote.reason && <span className={css.reason}>{vote.reason}</span>}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

const list = new Intl.ListFormat('en');

function Waiting({ standing }: { standing: ApprovalStanding }) {
  const t = useWords();
  const barred = standing.barred.map((part) => t(`asks.barred.${part}`));
  return (
    <>
      {standing.waitingFor.length > 0 && (
        <p className={css.lead}>{t('asks.waitingFor', { who: list.format(standing.waitingFor) })}</p>
      )}
      {standing.missing > 0 && (
        <p className={css.warning} role="alert">
          {t('asks.missing', { count: standing.missing })}
        </p>
      )}
      {barred.length > 0 && <p className={css.lead}>{t('asks.noVote', { who: list.format(barred) })}</p>}
      {standing.voided > 0 && <p className={css.warning}>{t('asks.voided', { count: standing.voided })}</p>}
      {standing.nextAlarmAt && (
        <p className={css.lead} title={dateTime(standing.nextAlarmAt)}>
          {t('asks.nextAlarm', { when: dueIn(standing.nextAlarmAt) })}
        </p>
      )}
    </>
  );
}
