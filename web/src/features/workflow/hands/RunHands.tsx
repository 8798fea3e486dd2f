import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { RunDetail } from '@/shared/client/types';
import { confirm } from '@/shared/ui/confirm';
import { toast } from '@/shared/ui/toast';
import { runQuery } from '../api';
import { isOver } from '../run/timing';
import { useWords } from '../words';
import { optionsQuery, resumeInNewest, resumeRun } from './api';

const StopDialog = lazy(() => import('./StopDialog').then((m) => ({ default: m.StopDialog })));

/** What a person can do to the whole run: stop it while it goes on, take it up again when it failed. */
export function RunHands({ run }: { run: RunDetail }) {
  const t = useWords();
  const mayRun = useCan('workflow:run');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [stopping, setStopping] = useState(false);
  const failed = run.state === 'failed';
  const options = useQuery({ ...optionsQuery(run.id), enabled: mayRun && failed });
  const again = options.data?.options.find((o) => o.action === 'resume');
  const resume = useMutation({
    mutationFn: () => resumeRun(run.id, run.endedAt ?? null),
    onSuccess: (next) => {
      queries.setQueryData<RunDetail>(runQuery(run.id).queryKey, (old) => (old ? { ...old, ...next } : old));
      void queries.invalidateQueries({ queryKey: ['runs'] });
      void queries.invalidateQueries({ queryKey: ['dead-letters'] });
      toast.done(t('hands.resumed', { number: run.number }));
    },
    onError: toast.failed,
  });
  const newest = options.data?.options.find((o) => o.action === 'resume-newest');
  const another = useMutation({
    mutationFn: () => resumeInNewest(run.id),
    onSuccess: (next) => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      void queries.invalidateQueries({ queryKey: ['dead-letters'] });
      toast.done(t('hands.resumedNewest', { number: next.number, version: next.version }));
      void navigate({ to: '/runs/$runId', params: { runId: next.id } });
    },
    onError: toast.failed,
  });
  if (!mayRun) return null;
  const askNewest = async () => {
    const yes = await confirm({
      title: t('hands.newestTitle', { number: run.number }),
      text: newest?.does ?? '',
      action: t('hands.newest'),
    });
    if (yes) another.mutate();
  };
  const ask = async () => {
    const yes = await confirm({
      title: t('hands.resumeTitle', { number: run.number }),
      text: again?.does ?? '',
      action: t('hands.resume'),
    });
    if (yes) resume.mutate();
  };
  return (
    <>
      {!isOver(run.state) && (
        <Button variant="default" onClick={() => setStopping(true)}>
          {t('hands.stop')}
        </Button>
      )}
      {failed && again && (
        <Button
          variant="default"
          onClick={() => void ask()}
          loading={resume.isPending}
          disabled={!again.possible}
          title={again.possible ? undefined : again.does}
        >
          {t('hands.resume')}
        </Button>
      )}
      {failed && newest?.possible && (
        <Button variant="default" onClick={() => void askNewest()} loading={another.isPending}>
          {t('hands.newest')}
        </Button>
      )}
      {stopping && (
        <Suspense>
          <StopDialog run={run} onClose={() => setStopping(false)} />
        </Suspense>
      )}
    </>
  );
}
