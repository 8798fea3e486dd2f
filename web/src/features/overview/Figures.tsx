import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { OverviewRange, OverviewView } from '@/shared/client/types';
import { duration, number, rate } from '@/shared/lib/format';
import { SEVERITIES } from '@/shared/lib/severity';
import { SeverityIcon } from '@/shared/ui/Severity';
import css from './Overview.module.css';
import { change, polyline, sparkline } from './view';

/** One strip of five figures; each says what it counts and, where there is something to compare with, how it moved. */
export function Figures({ data, range }: { data: OverviewView; range: OverviewRange }) {
  const { t } = useTranslation();
  const { openIncidents, findings, events, runs } = data;
  const counts = SEVERITIES.map((s) => [s, openIncidents.bySeverity[s]] as const).filter(([, n]) => n > 0);
  const words = counts.map(([s, n]) => `${n} ${t(`severity.${s}`).toLowerCase()}`);
  const moved = change(findings.total, findings.previous);
  const finished = runs.succeeded + runs.failed;
  return (
    <section className={css.kpis} aria-label={t('overview.figures')}>
      <div className={css.kpiWide}>
        <small>{t('overview.openIncidents')}</small>
        <div className={css.kpiRow}>
          <b className="num">{number(openIncidents.total)}</b>
        </div>
        {counts.length > 0 ? (
          <>
            <div className={css.sevbar} role="img" aria-label={words.join(', ')}>
              {counts.map(([s, n]) => (
                <i key={s} style={{ flexGrow: n, background: `var(--sev-${s})` }} />
              ))}
            </div>
            <div className={css.sevlegend} aria-hidden="true">
              {counts.map(([s, n], i) => (
                <span key={s}>
                  <SeverityIcon value={s} size={8} />
                  <span className="num">{n}</span> {words[i]?.split(' ')[1]}
                </span>
              ))}
            </div>
          </>
        ) : (
          <p className={css.note}>{t('overview.noneOpen')}</p>
        )}
      </div>
      <Figure
        label={t('overview.findings')}
        value={number(findings.total)}
        spark={sparkline(findings.buckets)}
        note={
          moved.direction === 'same' ? (
            t('overview.sameAsBefore')
          ) : (
            <Delta up={moved.direction === 'up'} good={moved.direction === 'down'}>
              {moved.percent === null
                ? t('overview.noneBefore')
                : t('overview.againstBefore', {
                    percent: number(moved.percent),
                    range: t(`overview.before.${range}`),
                  })}
            </Delta>
          )
        }
      />
      <Figure
        label={t('overview.respond')}
        value={data.meanTimeToRespondSeconds === null ? '–' : duration(data.meanTimeToRespondSeconds * 1000)}
        note={t(data.meanTimeToRespondSeconds === null ? 'overview.respondNone' : 'overview.respondHint')}
      />
      <Figure
        label={t('overview.runs')}
        value={number(runs.total)}
        note={
          finished > 0
            ? t('overview.runsHint', {
                succeeded: number(runs.succeeded),
                failed: number(runs.failed),
                waiting: number(runs.waiting),
              })
            : t('overview.runsWaiting', { count: runs.waiting, number: number(runs.waiting) })
        }
      />
      <Figure
        label={t('overview.events')}
        value={number(events.total)}
        note={t('overview.eventsHint', { rate: rate(events.perSecond) })}
      />
    </section>
  );
}

function Delta({ good, up, children }: { good: boolean; up: boolean; children: ReactNode }) {
  const I = up ? IconArrowUpRight : IconArrowDownRight;
  return (
    <span className={css.delta} data-good={good || undefined}>
      <I size={13} />
      {children}
    </span>
  );
}

function Figure({
  label,
  value,
  note,
  spark,
}: {
  label: string;
  value: string;
  note: ReactNode;
  spark?: number[];
}) {
  const points = spark && spark.length > 1 ? polyline(spark) : null;
  return (
    <div className={css.kpi}>
      <small>{label}</small>
      <div className={css.kpiRow}>
        <b className="num">{value}</b>
      </div>
      <p className={css.note}>{note}</p>
      {points && (
        <svg className={css.spark} viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">
          <polygon points={`0,28 ${points} 100,28`} />
          <polyline points={points} vectorEffect="non-scaling-stroke" />
        </svg>
      )}
    </div>
  );
}
