import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/shared/client/http';
import type { DeadLetterSelection } from '@/shared/client/types';
import { number } from '@/shared/lib/format';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { discardLetters, previewQuery, replayLetters } from './api';
import css from './Hands.module.css';

/** Says first how many runs it would be, and of what; the server refuses if they are others by then. */
export function BulkDialog({
  what,
  selection,
  onClose,
}: {
  what: 'replay' | 'discard';
  selection: DeadLetterSelection;
  onClose: () => void;
}) {
  const t = useWords();
  const ui = useTranslation().t;
  const queries = useQueryClient();
  const preview = useQuery(previewQuery(selection));
  const [reason, setReason] = useState('');
  const replay = what === 'replay';
  const count = (replay ? preview.data?.resumable : preview.data?.count) ?? 0;
  const act = useMutation({
    mutationFn: () =>
      replay
        ? replayLetters(selection, count, preview.data?.mark ?? null)
        : discardLetters(selection, count, reason.trim()),
    onSuccess: (done) => {
      void queries.invalidateQueries({ queryKey: ['dead-letters'] });
      toast.done(t(replay ? 'letters.replayed' : 'letters.discarded', { count: done.count }));
      onClose();
    },
    onError: (problem) => {
      if (isProblem(problem) && problem.is('dead-letters-changed')) void preview.refetch();
    },
  });
  const left = (preview.data?.count ?? 0) - count;
  const ready = count > 0 && (replay || reason.trim() !== '');
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(replay ? 'letters.replayTitle' : 'letters.discardTitle')}
      centered
    >
      {preview.isPending && <Loading />}
      {preview.isError && <ProblemNotice problem={preview.error} onRetry={() => void preview.refetch()} />}
      {preview.data && (
        <form
          className={dialog.form}
          onSubmit={(e) => {
            e.preventDefault();
            if (ready) act.mutate();
          }}
        >
          <p className={dialog.text}>
            {t(replay ? 'letters.replayText' : 'letters.discardText', { count })}
            {left > 0 && ` ${t('letters.left', { count: left })}`}
          </p>
          <ul className={css.counts} aria-label={t('letters.reasons')}>
            {preview.data.reasons.map((r) => (
              <li key={r.name}>
                <span>{r.name}</span>
                <span className="num">{number(r.count)}</span>
              </li>
            ))}
          </ul>
          {!replay && (
            <TextInput
              label={t('hands.reason')}
              description={t('hands.reasonHelp')}
              required
              maxLength={500}
              value={reason}
              onChange={(e) => setReason(e.currentTarget.value)}
              data-autofocus
            />
          )}
          {act.isError && <ProblemNotice problem={act.error} />}
          <div className={dialog.buttons}>
            <Button variant="default" onClick={onClose}>
              {ui('ui.cancel')}
            </Button>
            <Button
              type="submit"
              disabled={!ready}
              loading={act.isPending}
              {...(replay ? {} : { color: 'red.8' })}
            >
              {t(replay ? 'letters.replayCount' : 'letters.discardCount', { count })}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
