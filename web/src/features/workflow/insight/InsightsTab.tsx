import { Button, SegmentedControl } from '@mantine/core';
import { IconChartHistogram } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { WorkflowInsights } from '@/shared/client/types';
import { duration, number } from '@/shared/lib/format';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import layout from '../versions/Versions.module.css';
import { useWords } from '../words';
import { insightsQuery } from './api';
import { FigureTable } from './FigureTable';
import css from './Insights.module.css';

const time = (ms: number | null) => (ms === null ? '–' : duration(ms));
const share = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.round((part * 100) / whole)} %`);

/** How the workflow did, node by node, and what follows from that. */
export default function InsightsTab({
  workflowId,
  drawn,
  onShow,
}: {
  workflowId: string;
  /** Nodes on the canvas: advice may be about one that never ran. */
  drawn: readonly { key: string; name: string }[];
  onShow: (node: string) => void;
}) {
  const t = useWords();
  const [days, setDays] = useState('30');
  const query = useQuery({ ...insightsQuery(workflowId, Number(days)), placeholderData: keepPreviousData });
  if (query.isError && !query.data)
    return <ProblemNotice page problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  const { runs, nodes, approvals, queue, advice } = query.data;
  const names = new Map(drawn.map((n) => [n.key, n.name]));
  return (
    <div className={layout.main}>
      <div className={layout.list}>
        {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
        <div className={layout.row}>
          <SegmentedControl
            value={days}
            onChange={setDays}
            data={['1', '7', '30', '90'].map((d) => ({
              value: d,
              label: t('insights.days', { count: Number(d) }),
            }))}
            aria-label={t('insights.span')}
          />
          {runs.counted < runs.total && (
            <span className={layout.text}>
              {t('insights.newest', { counted: number(runs.counted), total: number(runs.total) })}
            </span>
          )}
        </div>
        {runs.total === 0 && advice.length === 0 ? (
          <EmptyState
            icon={<IconChartHistogram size={22} stroke={1.5} />}
            title={t('insights.none')}
            text={t('insights.noneText')}
          />
        ) : (
          <>
            <Panel title={t('insights.runs')}>
              <dl className={css.figures}>
                <Figure label={t('insights.total')} value={number(runs.total)} />
                <Figure label={t('insights.failed')} value={share(runs.failed, runs.counted)} />
                <Figure label={t('insights.p50')} value={time(runs.durations.p50)} />
                <Figure label={t('insights.p95')} value={time(runs.durations.p95)} />
                <Figure label={t('insights.p99')} value={time(runs.durations.p99)} />
                <Figure label={t('insights.live')} value={number(runs.live)} />
                <Figure label={t('insights.queued')} value={number(queue.queuedRuns)} />
                <Figure label={t('insights.queuedAge')} value={time(queue.runAges.p95)} />
                <Figure label={t('insights.due')} value={number(queue.dueSteps)} />
                <Figure label={t('insights.dueAge')} value={time(queue.stepAges.p95)} />
              </dl>
            </Panel>
            <Panel title={t('insights.advice')}>
              {advice.length === 0 ? (
                <p className={layout.text}>{t('insights.noAdvice')}</p>
              ) : (
                <ul className={layout.diff}>
                  {advice.map((a) => (
                    <Piece key={`${a.code} ${a.nodes.join()}`} advice={a} names={names} onShow={onShow} />
                  ))}
                </ul>
              )}
            </Panel>
            <FigureTable
              title={t('insights.nodes')}
              head={[
                t('insights.node'),
                t('insights.steps'),
                t('insights.failed'),
                t('insights.retried'),
                t('insights.helped'),
                t('insights.p50'),
                t('insights.p95'),
                t('insights.p99'),
              ]}
              rows={nodes.map((n) => ({
                key: n.key,
                first: n.name ? (
                  <Button variant="subtle" size="compact-xs" onClick={() => onShow(n.key)}>
                    {n.name}
                  </Button>
                ) : (
                  <span className={layout.text}>{t('insights.gone', { key: n.key })}</span>
                ),
                rest: [
                  number(n.steps),
                  share(n.failed, n.steps),
                  share(n.retried, n.steps),
                  share(n.helped, n.retried),
                  time(n.durations.p50),
                  time(n.durations.p95),
                  time(n.durations.p99),
                ],
              }))}
            />
            {approvals.length > 0 && (
              <FigureTable
                title={t('insights.approvals')}
                head={[
                  t('insights.node'),
                  t('insights.asked'),
                  t('insights.granted'),
                  t('insights.timedOut'),
                  t('insights.p50'),
                  t('insights.p95'),
                ]}
                rows={approvals.map((a) => ({
                  key: a.key,
                  first: a.name ?? t('insights.gone', { key: a.key }),
                  rest: [
                    number(a.asked),
                    share(a.granted, a.asked),
                    share(a.timedOut, a.asked),
                    time(a.waits.p50),
                    time(a.waits.p95),
                  ],
                }))}
              />
            )}
          </>
        )}
      </div>
    </div>
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

function Piece({
  advice,
  names,
  onShow,
}: {
  advice: WorkflowInsights['advice'][number];
  names: ReadonlyMap<string, string>;
  onShow: (node: string) => void;
}) {
  const t = useWords();
  return (
    <li>
      <div className={layout.what}>
        <b>{advice.text}</b>
      </div>
      <p className={layout.text}>{advice.mend}</p>
      <div className={layout.what}>
        {advice.evidence.map((f) => (
          <span key={f.what} className={layout.kind}>
            {f.what}: <span className="num">{f.value}</span>
          </span>
        ))}
        {advice.nodes.map((n) => (
          <Button key={n} variant="subtle" size="compact-xs" onClick={() => onShow(n)}>
            {t('insights.show', { name: names.get(n) ?? n })}
          </Button>
        ))}
        {advice.runs.map((run, i) => (
          <Link key={run} to="/runs/$runId" params={{ runId: run }}>
            {t('insights.run', { number: i + 1 })}
          </Link>
        ))}
      </div>
    </li>
  );
}
