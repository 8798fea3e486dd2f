import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/shared/client/session';
import type { RunDetail, RunOptions } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import dialog from '@/shared/ui/Dialog.module.css';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { optionsQuery, signalRun } from './api';
import css from './Hands.module.css';
import { parsed } from './parsed';

type Awaited = RunOptions['signals'][number];

/** What the run waits for besides people: signals, which can be sent from here, and connections that take nothing now. */
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
          {t('hands.held', {
            name: names.get(h.step) ?? h.step,
            why: h.why.replace(/\.$/, ''),
            when: dateTime(h.until),
          })}
        </p>
      ))}
      {sending && <SignalDialog run={run} awaited={sending} onClose={() => setSending(null)} />}
    </section>
  );
}

function SignalDialog({ run, awaited, onClose }: { run: RunDetail; awaited: Awaited; onClose: () => void }) {
  const t = useWords();
  const ui = useTranslation().t;
  const queries = useQueryClient();
  const [text, setText] = useState('{}');
  const [id] = useState(() => crypto.randomUUID());
  const payload = parsed(text);
  const send = useMutation({
    mutationFn: (data: Record<string, unknown>) => signalRun(run.id, awaited.signal, awaited.key, data, id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      toast.done(t('hands.sent', { signal: awaited.signal }));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('hands.sendTitle', { signal: awaited.signal })} centered>
      <form
        className={dialog.form}
        onSubmit={(e) => {
          e.preventDefault();
          if (payload) send.mutate(payload);
        }}
      >
        <p className={dialog.text}>{t('hands.sendText')}</p>
        <Textarea
          label={t('hands.payload')}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
          error={payload ? undefined : t('hands.payloadWrong')}
          autosize
          minRows={3}
          maxRows={12}
          data-code
          data-autofocus
          spellCheck={false}
        />
        {send.isError && <ProblemNotice problem={send.error} />}
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {ui('ui.cancel')}
          </Button>
          <Button type="submit" disabled={!payload} loading={send.isPending}>
            {t('hands.send')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
