import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { RunDetail, RunOptions } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { confirm } from '@/shared/ui/confirm';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { answerForRun, optionsQuery } from './api';
import css from './Hands.module.css';

const SignalDialog = lazy(() => import('./SignalDialog').then((m) => ({ default: m.SignalDialog })));
type Awaited = RunOptions['signals'][number];

/** What the run waits for besides decisions: signals, which can be sent from here, connections that take nothing now, and somebody who answers for it. */
export function Waits({ run }: { run: RunDetail }) {
  const t = useWords();
  const mayRun = useCan('workflow:run');
  const [sending, setSending] = useState<Awaited | null>(null);
  const quiet = run.steps.some((s) => (s.state === 'waiting' && !s.approvalId) || s.state === 'queued');
  const going = !['succeeded', 'failed', 'cancelled', 'queued'].includes(run.state);
  const options = useQuery({
    ...optionsQuery(run.id),
    enabled: going && quiet,
    refetchInterval: 5_000,
  });
  if (going && quiet && options.isError && !options.data)
    return (
      <section className={css.waits} aria-label={t('hands.waits')}>
        <ProblemNotice problem={options.error} onRetry={() => void options.refetch()} />
      </section>
    );
  const { signals = [], held = [] } = going ? (options.data ?? {}) : {};
  if (signals.length === 0 && held.length === 0) return null;
  const names = new Map(run.steps.map((s) => [s.key, s.name]));
  return (
    <section className={css.waits} aria-label={t('hands.waits')}>
      {signals.map((s) => (
        <p key={s.step}>
          <span>
            {t(s.key ? 'hands.waitsForKey' : 'hands.waitsFor', {
              name: names.get(s.step) ?? s.step,
              signal: s.signal,
              key: s.key,
            })}
          </span>
          {mayRun && (
            <Button variant="default" size="compact-xs" onClick={() => setSending(s)}>
              {t('hands.send')}
            </Button>
          )}
        </p>
      ))}
      {held.map((h) => (
        <p key={h.step}>
          {t(h.unanswered ? 'hands.unanswered' : 'hands.held', {
            name: names.get(h.step) ?? h.step,
            why: h.unanswered ? h.why : h.why.replace(/\.$/, ''),
            when: dateTime(h.until),
          })}
        </p>
      ))}
      {held.some((h) => h.unanswered) && mayRun && <Answer run={run} />}
      {sending && (
        <Suspense>
          <SignalDialog run={run} awaited={sending} onClose={() => setSending(null)} />
        </Suspense>
      )}
    </section>
  );
}

function Answer({ run }: { run: RunDetail }) {
  const t = useWords();
  const queries = useQueryClient();
  const answer = useMutation({
    mutationFn: () => answerForRun(run.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      toast.done(t('hands.answered', { number: run.number }));
    },
    onError: toast.failed,
  });
  const ask = async () => {
    const yes = await confirm({
      title: t('hands.answerTitle', { number: run.number }),
      text: t('hands.answerText'),
      action: t('hands.answer'),
    });
    if (yes) answer.mutate();
  };
  return (
    <p>
      <Button variant="default" size="compact-xs" onClick={() => void ask()} loading={answer.isPending}>
        {t('hands.answer')}
      </Button>
    </p>
  );
}
