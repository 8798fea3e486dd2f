import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ApprovalView } from '@/shared/client/types';
import { dateTime, dueIn } from '@/shared/lib/format';
import { Decide } from '@/shared/ui/Decide';
import dialog from '@/shared/ui/Dialog.module.css';
import layout from '@/shared/ui/ListDetail.module.css';
import { Status } from '@/shared/ui/Status';
import { useWords } from '../words';
import css from './Approval.module.css';
import { LendVote } from './LendVote';
import { Standing } from './Standing';

/** What exactly will happen, to what, asked by which run, and what came of it. */
export function ApprovalDetail({ approval, compact }: { approval: ApprovalView; compact?: boolean }) {
  const t = useWords();
  const shared = useTranslation().t;
  const a = approval;
  return (
    <article className={css.detail} aria-label={t('approval.of', { title: a.title })}>
      {!compact && (
        <header>
          <Status value={a.state} />
          <h2>{a.title}</h2>
        </header>
      )}
      <section aria-label={t('approval.what')}>
        <h3>{t('approval.what')}</h3>
        <p className={dialog.said}>{a.action}</p>
      </section>
      <dl className={layout.facts}>
        {a.target && (
          <>
            <dt>{t('approval.target')}</dt>
            <dd className="mono">{a.target}</dd>
          </>
        )}
        <dt>{t('approval.role')}</dt>
        <dd>{shared(`role.${a.role}`, a.role)}</dd>
        <dt>{t('approval.hash')}</dt>
        <dd className="mono" title={a.actionHash}>
          {a.actionHash.slice(0, 12)}
        </dd>
        <dt>{t('approval.asked')}</dt>
        <dd className="num">{dateTime(a.requestedAt)}</dd>
        {a.dueAt && a.state === 'waiting' && (
          <>
            <dt>{t('approval.due')}</dt>
            <dd className="num" title={dateTime(a.dueAt)}>
              {dueIn(a.dueAt)}
            </dd>
          </>
        )}
        {!compact && (
          <>
            <dt>{t('approval.run')}</dt>
            <dd>
              <Link to="/runs/$runId" params={{ runId: a.runId }}>
                {a.workflowName}
              </Link>
            </dd>
          </>
        )}
        {a.incidentId && (
          <>
            <dt>{t('approval.incident')}</dt>
            <dd>
              <Link to="/incidents/$incidentId" params={{ incidentId: a.incidentId }}>
                {t('approval.openIncident')}
              </Link>
            </dd>
          </>
        )}
      </dl>
      {a.state !== 'waiting' && (
        <p className={css.verdict}>
          <b>{t(`verdict.${a.state}`, { who: a.decidedBy ?? t('verdict.somebody') })}</b>
          {a.decidedAt && <span className="num"> {dateTime(a.decidedAt)}</span>}
          {a.reason && <span className={css.reason}>{a.reason}</span>}
        </p>
      )}
      {(a.state === 'waiting' || a.stages * a.need > 1) && <Standing approval={a} />}
      <Decide approval={a} />
      {a.state === 'waiting' && !compact && <LendVote approvalId={a.id} />}
    </article>
  );
}
