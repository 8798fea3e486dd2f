import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/shared/client/session';
import type { RunDetail, StepView } from '@/shared/client/types';
import dialog from '@/shared/ui/Dialog.module.css';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { runQuery, settleStep } from '../api';
import { useWords } from '../words';
import css from './RunView.module.css';

type Outcome = 'happened' | 'did-not-happen';

/** A person says whether an action whose answer was lost has taken place; the run goes on from what they say. */
export function Settle({ run, step }: { run: RunDetail; step: StepView }) {
  const t = useWords();
  const ui = useTranslation().t;
  const queries = useQueryClient();
  const mayRun = useCan('workflow:run');
  const [asked, setAsked] = useState<Outcome | null>(null);
  const [note, setNote] = useState('');
  const settle = useMutation({
    mutationFn: (outcome: Outcome) => settleStep(run.id, step, outcome, note.trim()),
    onSuccess: (next) => {
      queries.setQueryData(runQuery(run.id).queryKey, next);
      setAsked(null);
      toast.done(t('settle.done', { name: step.name }));
    },
  });
  const ask = (outcome: Outcome) => {
    settle.reset();
    setAsked(outcome);
  };
  return (
    <section className={css.doubt} aria-label={t('settle.title')}>
      <p>{t('settle.text', { name: step.name })}</p>
      {mayRun ? (
        <div>
          <Button variant="default" size="compact-xs" onClick={() => ask('happened')}>
            {t('settle.happened')}
          </Button>
          <Button variant="default" size="compact-xs" onClick={() => ask('did-not-happen')}>
            {t('settle.not')}
          </Button>
        </div>
      ) : (
        <p>{t('settle.denied')}</p>
      )}
      {asked && (
        <Modal
          opened
          onClose={() => setAsked(null)}
          title={t(asked === 'happened' ? 'settle.askHappened' : 'settle.askNot', { name: step.name })}
          size="sm"
          centered
        >
          <form
            className={dialog.form}
            onSubmit={(e) => {
              e.preventDefault();
              if (note.trim()) settle.mutate(asked);
            }}
          >
            <p className={dialog.text}>
              {t(asked === 'happened' ? 'settle.thenHappened' : 'settle.thenNot', { name: step.name })}
            </p>
            <Textarea
              label={t('settle.note')}
              description={t('settle.noteHelp')}
              required
              value={note}
              onChange={(e) => setNote(e.currentTarget.value)}
              autosize
              minRows={2}
              data-autofocus
            />
            {settle.isError && <ProblemNotice problem={settle.error} />}
            <div className={dialog.buttons}>
              <Button variant="default" onClick={() => setAsked(null)}>
                {ui('ui.cancel')}
              </Button>
              <Button type="submit" disabled={!note.trim()} loading={settle.isPending} color="red.8">
                {t(asked === 'happened' ? 'settle.actHappened' : 'settle.actNot', { name: step.name })}
              </Button>
            </div>
          </form>
        </Modal>
      )}
    </section>
  );
}
