import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rowsOf } from '@/shared/client/query';
import { Status } from '@/shared/ui/Status';
import { runQuery, runsQuery } from '../api';
import { StepData } from '../run/StepData';
import { useWords } from '../words';
import css from './Inspector.module.css';

/** What the node took and gave in the workflow's latest run. */
export function LastRunData({ workflowId, stepKey }: { workflowId: string; stepKey: string }) {
  const t = useWords();
  const runs = useInfiniteQuery(runsQuery(workflowId));
  const latest = rowsOf(runs.data)[0];
  const run = useQuery({ ...runQuery(latest?.id ?? ''), enabled: latest !== undefined });
  const step = run.data?.steps.find((s) => s.key === stepKey);
  if (runs.isError || run.isError) return <p className={css.note}>{t('lastRun.unreadable')}</p>;
  if (runs.isPending || (latest && run.isPending)) return <p className={css.note}>{t('loading')}</p>;
  if (!latest || !step) return <p className={css.note}>{t('lastRun.none')}</p>;
  return (
    <div className={css.fields}>
      <p>
        <Link to="/runs/$runId" params={{ runId: latest.id }}>
          {t('run.title', { number: latest.number })}
        </Link>
      </p>
      <Status value={step.state} />
      <StepData
        label={t('step.input')}
        value={step.input}
        references={step.payloads.filter((one) => one.in === 'input')}
        runId={latest.id}
      />
      <StepData
        label={t('step.output')}
        value={step.output}
        references={step.payloads.filter((one) => one.in === 'output')}
        runId={latest.id}
      />
      {step.error && <p className={css.error}>{step.error}</p>}
    </div>
  );
}
