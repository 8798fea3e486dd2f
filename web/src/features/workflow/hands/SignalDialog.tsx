import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RunDetail, RunOptions } from '@/shared/client/types';
import dialog from '@/shared/ui/Dialog.module.css';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { signalRun } from './api';
import { parsed } from './parsed';

/** Sends the run the signal that it waits for. */
export function SignalDialog({
  run,
  awaited,
  onClose,
}: {
  run: RunDetail;
  awaited: RunOptions['signals'][number];
  onClose: () => void;
}) {
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
