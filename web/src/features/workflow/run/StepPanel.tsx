import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import type { NodeDefinition, NodeTypeView, RunDetail, StepView } from '@/shared/client/types';
import { dateTime, duration } from '@/shared/lib/format';
import layout from '@/shared/ui/ListDetail.module.css';
import { Status } from '@/shared/ui/Status';
import { ApprovalInPlace } from '../approval/ApprovalInPlace';
import { NodeIcon } from '../library/NodeIcon';
import { useWords } from '../words';
import { named } from './named';
import css from './RunView.module.css';
import { StepData } from './StepData';
import { elapsed } from './timing';

const Settle = lazy(() => import('./Settle').then((m) => ({ default: m.Settle })));
const TaskInPlace = lazy(() => import('../task/TaskInPlace').then((m) => ({ default: m.TaskInPlace })));

/** What one step took, gave and came to; where it waits for somebody, the way to act on it. */
export function StepPanel({
  run,
  node,
  step,
  type,
  onClose,
}: {
  run: RunDetail;
  node: NodeDefinition;
  step: StepView | null;
  type: NodeTypeView | undefined;
  onClose: () => void;
}) {
  const t = useWords();
  const port = type?.ports.find((p) => p.id === step?.port)?.label ?? step?.port;
  return (
    <aside className={css.panel} aria-label={t('step.label')}>
      <header className={css.head}>
        <NodeIcon type={type} />
        <div className={css.title}>
          <h2>{node.name}</h2>
          <small>
            {type?.name ?? node.type} · <span className="mono">{node.key}</span>
          </small>
        </div>
        <ActionIcon aria-label={t('step.close')} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <div className={css.body}>
        {!step ? (
          <p className={css.error}>{t('step.notReached')}</p>
        ) : (
          <>
            <dl className={layout.facts}>
              <dt>{t('step.state')}</dt>
              <dd>
                <Status value={step.state} />
              </dd>
              {step.startedAt && (
                <>
                  <dt>{t('step.started')}</dt>
                  <dd className="num">{dateTime(step.startedAt)}</dd>
                </>
              )}
              {step.startedAt && step.endedAt && (
                <>
                  <dt>{t('step.took')}</dt>
                  <dd className="num">{duration(elapsed(step, Date.now()) ?? 0)}</dd>
                </>
              )}
              {step.attempts > 0 && (
                <>
                  <dt>{t('step.attempts')}</dt>
                  <dd className="num">{step.attempts}</dd>
                </>
              )}
              {port && (type?.ports.length ?? 0) > 1 && (
                <>
                  <dt>{t('step.port')}</dt>
                  <dd>{port}</dd>
                </>
              )}
              {type?.simulated && (
                <>
                  <dt>{t('node.simulator')}</dt>
                  <dd>{t('step.simulated')}</dd>
                </>
              )}
            </dl>
            {step.error && (
              <p className={css.error} role="alert">
                {named(step.error, run.definition.nodes)}
              </p>
            )}
            {step.state === 'in-doubt' && (
              <Suspense>
                <Settle run={run} step={step} />
              </Suspense>
            )}
            {step.approvalId && <ApprovalInPlace approvalId={step.approvalId} runId={run.id} />}
            {node.type === 'task' && step.startedAt && (
              <Suspense>
                <TaskInPlace runId={run.id} step={step.key} />
              </Suspense>
            )}
            <StepData
              label={t('step.input')}
              value={step.input}
              references={step.payloads.filter((one) => one.in === 'input')}
              runId={run.id}
            />
            <StepData
              label={t('step.output')}
              value={step.output}
              references={step.payloads.filter((one) => one.in === 'output')}
              runId={run.id}
            />
          </>
        )}
      </div>
    </aside>
  );
}
