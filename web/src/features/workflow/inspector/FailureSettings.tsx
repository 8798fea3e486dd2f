import { NumberInput, Select, Switch, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { NodeTypeView } from '@/shared/client/types';
import type { FlowNode, Retry } from '../graph';
import { useWords } from '../words';
import css from './Inspector.module.css';

const FIRST: Retry = { maxAttempts: 3, delaySeconds: 10, backoff: 'exponential' };
const whole = (value: string | number, min: number) => {
  const n = Math.round(Number(value));
  return Number.isFinite(n) && value !== '' && n >= min ? n : null;
};

/** How often a failing node is tried again, when it is given up, and whether the run goes on without it. */
export function FailureSettings({
  category,
  destructive,
  data,
  readOnly,
  onChange,
}: {
  category: NodeTypeView['category'] | undefined;
  destructive: boolean;
  data: FlowNode['data'];
  readOnly: boolean;
  onChange: (data: Partial<FlowNode['data']>) => void;
}) {
  const t = useWords();
  const [kept, setKept] = useState<Retry>(data.retry ?? FIRST);
  const retry = data.retry;
  const acts = category !== 'condition' && category !== 'approval';
  const change = (part: Partial<Retry>) => {
    const next = { ...kept, ...part };
    setKept(next);
    onChange({ retry: next });
  };
  return (
    <div className={css.fields}>
      {acts && (
        <Switch
          label={t('failure.retry')}
          checked={retry !== undefined}
          disabled={readOnly}
          onChange={(e) => onChange({ retry: e.currentTarget.checked ? kept : undefined })}
        />
      )}
      {acts && retry && (
        <>
          <NumberInput
            label={t('failure.attempts')}
            description={t('failure.attemptsHelp')}
            value={retry.maxAttempts}
            min={1}
            max={20}
            allowDecimal={false}
            disabled={readOnly}
            onChange={(v) => {
              const n = whole(v, 1);
              if (n !== null) change({ maxAttempts: n });
            }}
          />
          <NumberInput
            label={t('failure.delay')}
            value={retry.delaySeconds}
            min={0}
            allowDecimal={false}
            disabled={readOnly}
            onChange={(v) => {
              const n = whole(v, 0);
              if (n !== null) change({ delaySeconds: n });
            }}
          />
          <Select
            label={t('failure.backoff')}
            value={retry.backoff}
            allowDeselect={false}
            disabled={readOnly}
            data={[
              { value: 'fixed', label: t('failure.fixed') },
              { value: 'exponential', label: t('failure.exponential') },
            ]}
            onChange={(v) => change({ backoff: v === 'fixed' ? 'fixed' : 'exponential' })}
          />
          <NumberInput
            label={t('retry.jitter')}
            description={t('retry.jitterHelp')}
            value={retry.jitterPercent ?? 20}
            min={0}
            max={100}
            allowDecimal={false}
            disabled={readOnly}
            onChange={(v) => {
              const n = whole(v, 0);
              if (n !== null) change({ jitterPercent: n });
            }}
          />
          <NumberInput
            label={t('retry.within')}
            description={t('retry.withinHelp')}
            value={retry.withinSeconds ?? ''}
            min={1}
            allowDecimal={false}
            disabled={readOnly}
            onChange={(v) => change({ withinSeconds: whole(v, 1) })}
          />
          <Textarea
            label={t('retry.on')}
            description={t('retry.onHelp')}
            value={retry.retryOn ?? ''}
            maxLength={4000}
            autosize
            minRows={1}
            maxRows={6}
            disabled={readOnly}
            spellCheck={false}
            onChange={(e) => change({ retryOn: e.currentTarget.value || null })}
          />
        </>
      )}
      <NumberInput
        label={t(category === 'approval' ? 'failure.deadline' : 'failure.timeout')}
        description={t(category === 'approval' ? 'failure.deadlineHelp' : 'failure.timeoutHelp')}
        value={data.timeoutSeconds ?? ''}
        min={1}
        allowDecimal={false}
        disabled={readOnly}
        onChange={(v) => onChange({ timeoutSeconds: whole(v, 1) ?? undefined })}
      />
      {acts && (
        <Switch
          label={t('failure.goOn')}
          description={t('failure.goOnHelp')}
          checked={data.onError === 'continue'}
          disabled={readOnly}
          onChange={(e) => onChange({ onError: e.currentTarget.checked ? 'continue' : undefined })}
        />
      )}
      {destructive && (
        <Textarea
          label={t('exemption.label')}
          description={t('exemption.help')}
          value={data.exemption ?? ''}
          maxLength={500}
          autosize
          minRows={2}
          disabled={readOnly}
          onChange={(e) => onChange({ exemption: e.currentTarget.value || undefined })}
        />
      )}
    </div>
  );
}
