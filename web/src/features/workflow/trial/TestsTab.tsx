import { Button, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { BenchView, Definition } from '@/shared/client/types';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { runsQuery } from '../api';
import layout from '../versions/Versions.module.css';
import { useWords } from '../words';
import { benchQuery, makeCase, runTests, saveTests } from './api';
import css from './Trial.module.css';

/** Tests that are kept with the workflow: written, made of runs, run on the canvas's drawing, and as a gate. */
export default function TestsTab({ workflowId, definition }: { workflowId: string; definition: Definition }) {
  const bench = useQuery(benchQuery(workflowId));
  if (bench.isError && !bench.data)
    return <ProblemNotice page problem={bench.error} onRetry={() => void bench.refetch()} />;
  if (!bench.data) return <Loading />;
  return (
    <div className={layout.main}>
      <Tests key={bench.data.revision} workflowId={workflowId} bench={bench.data} definition={definition} />
    </div>
  );
}

function Tests({
  workflowId,
  bench,
  definition,
}: {
  workflowId: string;
  bench: BenchView;
  definition: Definition;
}) {
  const t = useWords();
  const mayWrite = useCan('workflow:write');
  const mayPublish = useCan('workflow:publish');
  const queries = useQueryClient();
  const [text, setText] = useState(bench.tests);
  const [gate, setGate] = useState(bench.gate);
  const [run, setRun] = useState<string | null>(null);
  const [name, setName] = useState('');
  const runs = useInfiniteQuery(runsQuery(workflowId));
  const over = rowsOf(runs.data).filter((r) => r.endedAt !== null && r.state !== 'cancelled');
  const tests = useMutation({ mutationFn: () => runTests(workflowId, text, definition) });
  const save = useMutation({
    mutationFn: () => saveTests(workflowId, text, gate, bench.revision),
    onSuccess: (next) => {
      queries.setQueryData(benchQuery(workflowId).queryKey, next);
      void queries.invalidateQueries({ queryKey: ['workflows', 'review', workflowId] });
      toast.done(t('tests.saved'));
    },
  });
  const add = useMutation({
    mutationFn: () => makeCase(workflowId, run ?? '', name, text),
    onSuccess: (made) => {
      setText(made.text);
      setName('');
    },
  });
  const dirty = text !== bench.tests || gate !== bench.gate;
  const summary = tests.data;
  return (
    <div className={layout.list}>
      <Panel
        title={t('tests.title')}
        actions={
          <>
            <Button
              size="compact-sm"
              variant="default"
              loading={tests.isPending}
              onClick={() => tests.mutate()}
            >
              {t('tests.run')}
            </Button>
            {mayWrite && (
              <Button
                size="compact-sm"
                disabled={!dirty}
                loading={save.isPending}
                onClick={() => save.mutate()}
              >
                {t('tests.save')}
              </Button>
            )}
          </>
        }
      >
        <div className={css.stack}>
          <Textarea
            aria-label={t('tests.text')}
            description={t('tests.textHelp')}
            value={text}
            readOnly={!mayWrite}
            onChange={(e) => setText(e.currentTarget.value)}
            autosize
            minRows={8}
            maxRows={28}
            data-code
            spellCheck={false}
            placeholder={EXAMPLE}
          />
          <Switch
            label={t('tests.gate')}
            checked={gate}
            disabled={!mayWrite || !mayPublish}
            onChange={(e) => setGate(e.currentTarget.checked)}
          />
          {save.error && <ProblemNotice problem={save.error} />}
          {tests.error && <ProblemNotice problem={tests.error} />}
        </div>
      </Panel>
      {summary && (
        <Panel
          title={t('tests.result')}
          hint={t('tests.coverage', { nodes: summary.nodePercent, edges: summary.edgePercent })}
          actions={<Status value={summary.passed ? 'succeeded' : 'failed'} />}
        >
          <div className={css.stack}>
            <ul className={css.cases}>
              {summary.cases.map((c) => (
                <li key={`${c.line} ${c.name}`}>
                  <Status value={c.failures.length === 0 ? 'succeeded' : 'failed'} /> {c.name}
                  {c.failures.length > 0 && (
                    <ul>
                      {c.failures.map((f) => (
                        <li key={f}>{f}</li>
                      ))}
                    </ul>
                  )}
                </li>
              ))}
            </ul>
            {summary.cases.length === 0 && <p className={css.text}>{t('tests.noCases')}</p>}
            {summary.shortfall.map((s) => (
              <p key={s} className={css.text}>
                {s}
              </p>
            ))}
            {summary.missedNodes.length > 0 && (
              <p className={css.text}>
                {t('tests.missedNodes')} <span className="mono">{summary.missedNodes.join(', ')}</span>
              </p>
            )}
            {summary.missedEdges.length > 0 && (
              <p className={css.text}>
                {t('tests.missedEdges')} <span className="mono">{summary.missedEdges.join(', ')}</span>
              </p>
            )}
          </div>
        </Panel>
      )}
      {mayWrite && (
        <Panel title={t('tests.fromRun')}>
          <div className={css.stack}>
            {runs.isError && !runs.data ? (
              <ProblemNotice problem={runs.error} onRetry={() => void runs.refetch()} />
            ) : (
              runs.data && (
                <p className={css.text}>{t(over.length > 0 ? 'tests.fromRunText' : 'tests.noRuns')}</p>
              )
            )}
            {over.length > 0 && (
              <form
                className={css.row}
                onSubmit={(e) => {
                  e.preventDefault();
                  if (run && name.trim()) add.mutate();
                }}
              >
                <Select
                  aria-label={t('tests.whichRun')}
                  placeholder={t('tests.whichRun')}
                  data={over.map((r) => ({
                    value: r.id,
                    label: t('tests.runOf', { number: r.number, version: r.version, subject: r.subject }),
                  }))}
                  value={run}
                  onChange={setRun}
                />
                <TextInput
                  aria-label={t('tests.name')}
                  placeholder={t('tests.name')}
                  value={name}
                  maxLength={200}
                  onChange={(e) => setName(e.currentTarget.value)}
                />
                <Button
                  type="submit"
                  variant="default"
                  disabled={!run || !name.trim()}
                  loading={add.isPending}
                >
                  {t('tests.add')}
                </Button>
              </form>
            )}
            {add.error && <ProblemNotice problem={add.error} />}
            {add.data && (
              <p className={css.text}>
                {t(add.data.failures.length === 0 ? 'tests.repeats' : 'tests.differs')}{' '}
                {add.data.failures.join(' ')}
              </p>
            )}
          </div>
        </Panel>
      )}
    </div>
  );
}

const EXAMPLE = `coverage: { nodes: 80, edges: 60 }
cases:
  - name: a host is isolated once it is approved
    input: { incident: { host: web-01 } }
    steps:
      approve: { approve: fine }
    expect: { state: succeeded, path: [start, approve, isolate] }
`;
