import { Button, JsonInput, Loader, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/shared/client/http';
import type { WorkflowDetail } from '@/shared/client/types';
import css from '@/shared/ui/Dialog.module.css';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { startRun } from '../api';
import { useWords } from '../words';
import { formOf, parseInput } from './input';

const InputForm = lazy(() => import('./InputForm'));

/** Starts a run of the published version by hand: with the trigger's form, or its data as JSON. */
export function RunDialog({
  workflow,
  dirty,
  onClose,
}: {
  workflow: WorkflowDetail;
  dirty: boolean;
  onClose: () => void;
}) {
  const t = useWords();
  const ui = useTranslation().t;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useMemo(() => formOf(workflow.published), [workflow.published]);
  const [text, setText] = useState('{}');
  const [filled, setFilled] = useState<{ value: Record<string, unknown>; fits: boolean }>();
  const input = form ? (filled ? (filled.fits ? filled.value : null) : {}) : parseInput(text);
  // Pressed twice, or sent again after the answer was lost, it is one run.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const start = useMutation({
    mutationFn: (value: Record<string, unknown>) => startRun(workflow.id, value, key),
    onError: (e) => {
      if (isProblem(e) && e.status !== 0) setKey(crypto.randomUUID());
    },
    onSuccess: (run) => {
      void queries.invalidateQueries({ queryKey: ['runs', 'list'] });
      onClose();
      void navigate({ to: '/runs/$runId', params: { runId: run.id } });
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('start.title', { name: workflow.name })} size="md" centered>
      <form
        className={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          if (input) start.mutate(input);
        }}
      >
        <p className={css.text}>
          {t('start.text', { version: workflow.version })}
          {(dirty || workflow.draftChanged) && ` ${t('start.notDraft')}`}
        </p>
        {form ? (
          <Suspense fallback={<Loader size="sm" aria-label={t('loading')} />}>
            <InputForm
              schema={form}
              value={filled?.value ?? {}}
              onChange={(value, fits) => setFilled({ value, fits })}
            />
          </Suspense>
        ) : (
          <JsonInput
            label={t('start.input')}
            description={t('start.inputHelp')}
            value={text}
            onChange={setText}
            error={input ? undefined : t('start.inputWrong')}
            autosize
            minRows={4}
            maxRows={14}
            data-code
            data-autofocus
          />
        )}
        {start.isError && <ProblemNotice problem={start.error} />}
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose}>
            {ui('ui.cancel')}
          </Button>
          <Button type="submit" disabled={!input} loading={start.isPending}>
            {t('start.action', { name: workflow.name })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
