import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isProblem } from '@/shared/client/http';
import { useCan } from '@/shared/client/session';
import type { RunLimits, RunLimitsChange, WorkflowDetail } from '@/shared/client/types';
import { number } from '@/shared/lib/format';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { limitsQuery, setLimits } from './api';
import css from './Triggers.module.css';

/** How many runs of the workflow may be live at once; in effect at once, whatever the version. */
export function Limits({ workflow }: { workflow: WorkflowDetail }) {
  const t = useWords();
  const query = useQuery(limitsQuery(workflow.id));
  return (
    <Panel
      title={t('limits.title')}
      hint={
        query.data && t('limits.now', { live: number(query.data.live), queued: number(query.data.queued) })
      }
    >
      {query.data ? (
        <LimitsForm key={JSON.stringify(query.data)} workflow={workflow} limits={query.data} />
      ) : (
        query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />
      )}
    </Panel>
  );
}

function LimitsForm({ workflow, limits }: { workflow: WorkflowDetail; limits: RunLimits }) {
  const t = useWords();
  const mayChange = useCan('workflow:publish');
  const queries = useQueryClient();
  const [most, setMost] = useState(limits.most);
  const [key, setKey] = useState(limits.key ?? '');
  const [mostPerKey, setMostPerKey] = useState(limits.mostPerKey);
  const [whenFull, setWhenFull] = useState(limits.whenFull);
  const save = useMutation({
    mutationFn: (change: RunLimitsChange) => setLimits(workflow.id, change),
    onSuccess: (now) => {
      queries.setQueryData(limitsQuery(workflow.id).queryKey, now);
      toast.done(t('limits.saved', { name: workflow.name }));
    },
  });
  const told = isProblem(save.error) ? save.error.field('key') : undefined;
  return (
    <form
      className={css.limits}
      onSubmit={(e) => {
        e.preventDefault();
        save.mutate({ most, key: key.trim() || null, mostPerKey, whenFull });
      }}
    >
      <p className={css.off}>{t('limits.text')}</p>
      <NumberInput
        label={t('limits.most')}
        placeholder={t('limits.none')}
        min={1}
        max={100_000}
        value={most ?? ''}
        onChange={(v) => setMost(v === '' ? null : Number(v))}
        disabled={!mayChange}
        hideControls
      />
      <Select
        label={t('limits.whenFull')}
        data={[
          { value: 'queue', label: t('limits.queue') },
          { value: 'reject', label: t('limits.reject') },
          { value: 'cancel-oldest', label: t('limits.cancelOldest') },
        ]}
        value={whenFull}
        onChange={(v) => setWhenFull((v ?? 'queue') as RunLimits['whenFull'])}
        allowDeselect={false}
        disabled={!mayChange}
      />
      <TextInput
        label={t('limits.key')}
        description={t('limits.keyHelp')}
        value={key}
        onChange={(e) => setKey(e.currentTarget.value)}
        error={told}
        disabled={!mayChange}
        spellCheck={false}
      />
      <NumberInput
        label={t('limits.mostPerKey')}
        description={t('limits.mostPerKeyHelp')}
        min={1}
        max={100_000}
        value={mostPerKey ?? ''}
        onChange={(v) => setMostPerKey(v === '' ? null : Number(v))}
        disabled={!mayChange}
        hideControls
      />
      {save.isError && !told && <ProblemNotice problem={save.error} />}
      {mayChange && (
        <div className={css.save}>
          <Button type="submit" variant="default" loading={save.isPending}>
            {t('limits.save')}
          </Button>
        </div>
      )}
    </form>
  );
}
