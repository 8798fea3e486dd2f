import { SegmentedControl } from '@mantine/core';
import { IconChartHistogram } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { OverallInsights } from '@/shared/client/types';
import { age, duration, number } from '@/shared/lib/format';
import { EmptyState } from '@/shared/ui/EmptyState';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { useWords } from '../words';
import { overallQuery } from './api';
import { FigureTable } from './FigureTable';
import css from './Overall.module.css';

const time = (ms: number | null) => (ms === null ? '–' : duration(ms));
const share = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.round((part * 100) / whole)} %`);

/** How all workflows did, and what follows from that. */
export function OverallPage() {
  const t = useWords();
  const navigate = useNavigate();
  const { days = 30 } = useSearch({ from: '/frame/guarded/insights' });
  const query = useQuery({ ...overallQuery(days), placeholderData: keepPreviousData });
  return (
    <div className={layout.page}>
      <div className={layout.list}>
        <header className={layout.bar}>
          <h1>{t('overall.title')}</h1>
          <span className={layout.space} />
          <SegmentedControl
            value={String(days)}
            onChange={(d) => void navigate({ to: '/insights', search: { days: Number(d) }, replace: true })}
            data={['1', '7', '30', '90'].map((d) => ({
              value: d,
              label: t('insights.days', { count: Number(d) }),
            }))}
            aria-label={t('insights.span')}
          />
        </header>
        {query.isError && (
          <ProblemNotice
            page={!query.data}
            problem={query.error}
            since={query.errorUpdatedAt}
            onRetry={() => void query.refetch()}
          />
        )}
        {query.isPending && <Loading />}
        {query.data && <Figures all={query.data} />}
      </div>
    </div>
  );
}

function Figures({ all }: { all: OverallInsights }) {
  const t = useWords();
  const { runs, steps, queue } = all;
  if (runs.total === 0 && queue.queuedRuns === 0)
    return (
      <EmptyState
        icon={<IconChartHistogram size={22} stroke={1.5} />}
        title={t('insights.none')}
        text={t('overall.empty')}
      />
    );
  return (
    <div className={css.page}>
      {runs.counted < runs.total && (
        <p className={css.text}>
          {t('insights.newest', { counted: number(runs.counted), total: number(runs.total) })}
        </p>
      )}
      <Panel title={t('insights.runs')}>
        <dl className={css.figures}>
          <Figure label={t('insights.total')} value={number(runs.total)} />
          <Figure label={t('insights.failed')} value={share(runs.failed, runs.counted)} />
          <Figure label={t('insights.p50')} value={time(runs.durations.p50)} />
          <Figure label={t('insights.p95')} value={time(runs.durations.p95)} />
          <Figure label={t('overall.retried')} value={share(steps.retried, steps.steps)} />
          <Figure label={t('overall.helped')} value={share(steps.helped, steps.retried)} />
          <Figure label={t('insights.live')} value={number(runs.live)} />
          <Figure label={t('insights.queued')} value={number(queue.queuedRuns)} />
          <Figure label={t('insights.queuedAge')} value={time(queue.runAges.p95)} />
          <Figure label={t('insights.due')} value={number(queue.dueSteps)} />
          <Figure label={t('insights.dueAge')} value={time(queue.stepAges.p95)} />
        </dl>
      </Panel>
      <Panel title={t('insights.advice')}>
        {all.advice.length === 0 ? (
          <p className={css.text}>{t('overall.noAdvice')}</p>
        ) : (
          <ul className={css.advice}>
            {all.advice.map((a) => (
              <li key={`${a.workflowId} ${a.code} ${a.nodes.join()}`}>
                <b>{a.text}</b>
                <p className={css.text}>{a.mend}</p>
                <div className={css.facts}>
                  {a.evidence.map((f) => (
                    <span key={f.what} className={css.fact}>
                      {f.what}: <span className="num">{f.value}</span>
                    </span>
                  ))}
                  <Workflow id={a.workflowId} name={a.workflowName} />
                  {a.runs.map((run, i) => (
                    <Link key={run} to="/runs/$runId" params={{ runId: run }}>
                      {t('insights.run', { number: i + 1 })}
                    </Link>
                  ))}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <FigureTable
        title={t('overall.workflows')}
        head={[
          t('overall.workflow'),
          t('insights.total'),
          t('insights.failed'),
          t('insights.live'),
          t('insights.p50'),
          t('insights.p95'),
        ]}
        rows={all.workflows.map((w) => ({
          key: w.id,
          first: <Workflow id={w.id} name={w.name} />,
          rest: [
            number(w.runs),
            share(w.failed, w.runs),
            number(w.live),
            time(w.durations.p50),
            time(w.durations.p95),
          ],
        }))}
      />
      <FigureTable
        title={t('overall.waits')}
        head={[
          t('overall.for'),
          t('overall.ended'),
          t('insights.p50'),
          t('insights.p95'),
          t('overall.open'),
          t('overall.oldest'),
        ]}
        rows={(
          [
            ['approvals', all.approvals],
            ['tasks', all.tasks],
            ['machines', all.waits],
          ] as const
        ).map(([key, w]) => ({
          key,
          first: t(`overall.${key}`),
          rest: [
            number(w.over),
            time(w.waits.p50),
            time(w.waits.p95),
            number(w.open),
            w.oldest === null ? '–' : age(w.oldest),
          ],
        }))}
      />
      <FigureTable
        title={t('overall.slowest')}
        words={1}
        none={t('overall.noSlow')}
        head={[
          t('insights.node'),
          t('overall.workflow'),
          t('insights.steps'),
          t('insights.p50'),
          t('insights.p95'),
        ]}
        rows={all.slowest.map((s) => ({
          key: `${s.workflowId} ${s.key} ${s.type}`,
          first: s.name,
          rest: [
            <Workflow key="w" id={s.workflowId} name={s.workflowName} />,
            number(s.steps),
            time(s.durations.p50),
            time(s.durations.p95),
          ],
        }))}
      />
      <FigureTable
        title={t('overall.failures')}
        words={2}
        none={t('overall.noFailures')}
        head={[
          t('overall.reason'),
          t('insights.node'),
          t('overall.workflow'),
          t('overall.count'),
          t('overall.latest'),
        ]}
        rows={all.failures.map((f) => ({
          key: `${f.workflowId} ${f.key} ${f.reason}`,
          first: f.reason || '–',
          rest: [
            f.name,
            <Workflow key="w" id={f.workflowId} name={f.workflowName} />,
            number(f.count),
            <Link key="r" to="/runs/$runId" params={{ runId: f.run }}>
              {t('moves.number', { number: f.number })}
            </Link>,
          ],
        }))}
      />
    </div>
  );
}

function Workflow({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/workflows/$workflowId" params={{ workflowId: id }} search={{ tab: 'insights' }}>
      {name}
    </Link>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}
