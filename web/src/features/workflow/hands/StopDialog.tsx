import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RunDetail } from '@/shared/client/types';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { runQuery } from '../api';
import { useWords } from '../words';
import { optionsQuery, type StopMode, stopRun } from './api';
import css from './Hands.module.css';

const MODES = ['cancel', 'undo', 'kill'] as const;
const isMode = (action: string): action is StopMode => (MODES as readonly string[]).includes(action);

/** The ways to stop a run, each with what it would do to this run now, in the server's words. */
export function StopDialog({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const options = useQuery(optionsQuery(run.id));
  const [mode, setMode] = useState<StopMode>('cancel');
  const [reason, setReason] = useState('');
  const stop = useMutation({
    mutationFn: () => stopRun(run.id, mode, reason.trim()),
    onSuccess: (next) => {
      queries.setQueryData<RunDetail>(runQuery(run.id).queryKey, (old) => (old ? { ...old, ...next } : old));
      void queries.invalidateQueries({ queryKey: ['runs'] });
      toast.done(t(`hands.stopped.${mode}`, { number: run.number }));
      onClose();
    },
  });
  const choices = (options.data?.options ?? []).filter((o) => isMode(o.action));
  const chosen = choices.find((o) => o.action === mode && o.possible) ?? choices.find((o) => o.possible);
  const names = new Map(run.definition.nodes.map((n) => [n.key, n.name]));
  const nameOf = (id: string) => names.get(id.slice(id.lastIndexOf('/') + 1)) ?? id;
  return (
    <Modal opened onClose={onClose} title={t('hands.stopTitle', { number: run.number })} centered>
      {options.isError && <ProblemNotice problem={options.error} onRetry={() => void options.refetch()} />}
      {options.isPending && <Loading />}
      {options.data && choices.length === 0 && <p className={dialog.text}>{t('hands.over')}</p>}
      {choices.length > 0 && (
        <form
          className={dialog.form}
          onSubmit={(e) => {
            e.preventDefault();
            if (chosen && reason.trim()) stop.mutate();
          }}
        >
          <fieldset className={css.choices}>
            <legend>{t('hands.how')}</legend>
            {choices.map((o) => (
              <label
                key={o.action}
                className={css.choice}
                data-on={chosen?.action === o.action || undefined}
                data-off={!o.possible || undefined}
              >
                <input
                  type="radio"
                  name="mode"
                  value={o.action}
                  checked={chosen?.action === o.action}
                  disabled={!o.possible}
                  onChange={() => {
                    if (isMode(o.action)) setMode(o.action);
                  }}
                />
                <b>{t(`hands.mode.${o.action}`)}</b>
                <p>{o.does}</p>
                {o.action === 'undo' && o.steps.length > 1 && (
                  <ol>
                    {o.steps.map((id) => (
                      <li key={id}>{nameOf(id)}</li>
                    ))}
                  </ol>
                )}
              </label>
            ))}
          </fieldset>
          <TextInput
            label={t('hands.reason')}
            description={t('hands.reasonHelp')}
            required
            maxLength={500}
            value={reason}
            onChange={(e) => setReason(e.currentTarget.value)}
            data-autofocus
          />
          {stop.isError && <ProblemNotice problem={stop.error} />}
          <div className={dialog.buttons}>
            <Button variant="default" onClick={onClose}>
              {t('hands.keep')}
            </Button>
            <Button type="submit" color="red.8" disabled={!chosen || !reason.trim()} loading={stop.isPending}>
              {t(`hands.action.${chosen?.action ?? mode}`, { number: run.number })}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
