import { Button, JsonInput, Select } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { PortView } from '@/shared/client/types';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { runQuery, runsQuery } from '../api';
import { parseInput } from '../run/input';
import { useWords } from '../words';
import { benchQuery, removePin, setPin } from './api';
import css from './Trial.module.css';

/** The output that trials take for this node's; made from the latest run's, or written by hand. */
export function PinBox({
  workflowId,
  node,
  ports,
}: {
  workflowId: string;
  node: string;
  ports: readonly PortView[];
}) {
  const t = useWords();
  const mayWrite = useCan('workflow:write');
  const queries = useQueryClient();
  const bench = useQuery(benchQuery(workflowId));
  const runs = useInfiniteQuery(runsQuery(workflowId));
  const latest = rowsOf(runs.data)[0]?.id;
  const run = useQuery({ ...runQuery(latest ?? ''), enabled: latest !== undefined });
  const last = run.data?.steps.find((s) => s.key === node);
  const pin = bench.data?.pins[node];
  const [edited, setEdited] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const text = edited ?? JSON.stringify(pin?.output ?? {}, null, 2);
  const port = chosen ?? pin?.port ?? ports[0]?.id ?? null;
  const output = parseInput(text);
  const keep = (next: NonNullable<typeof bench.data>) => {
    queries.setQueryData(benchQuery(workflowId).queryKey, next);
    setEdited(null);
    setChosen(null);
  };
  const set = useMutation({
    mutationFn: (value: { port: string | null; output: Record<string, unknown> }) =>
      setPin(workflowId, node, value),
    onSuccess: keep,
  });
  const remove = useMutation({ mutationFn: () => removePin(workflowId, node), onSuccess: keep });
  if (!mayWrite || !bench.data) return null;
  const failed = set.error ?? remove.error;
  return (
    <section className={css.pin} aria-label={t('trial.pin.title')}>
      <p className={css.text}>{t(pin ? 'trial.pin.on' : 'trial.pin.off')}</p>
      <JsonInput
        label={t('trial.pin.output')}
        value={text}
        onChange={setEdited}
        error={output ? undefined : t('start.inputWrong')}
        autosize
        minRows={2}
        maxRows={10}
        data-code
      />
      {ports.length > 1 && (
        <Select
          label={t('trial.pin.port')}
          data={ports.map((p) => ({ value: p.id, label: p.label || p.id }))}
          value={port}
          allowDeselect={false}
          onChange={setChosen}
        />
      )}
      {failed && <ProblemNotice problem={failed} />}
      <div className={css.row}>
        <Button
          size="compact-sm"
          variant="default"
          disabled={!output}
          loading={set.isPending}
          onClick={() => output && set.mutate({ port, output })}
        >
          {t('trial.pin.set')}
        </Button>
        {last?.output && !last.payloads.some((one) => one.in === 'output') && (
          <Button
            size="compact-sm"
            variant="default"
            loading={set.isPending}
            onClick={() => set.mutate({ port: last.port ?? port, output: last.output ?? {} })}
          >
            {t('trial.pin.last')}
          </Button>
        )}
        {pin && (
          <Button
            size="compact-sm"
            variant="default"
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {t('trial.pin.remove')}
          </Button>
        )}
      </div>
    </section>
  );
}
