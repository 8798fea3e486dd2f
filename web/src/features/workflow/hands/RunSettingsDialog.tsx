import { Button, Modal, NumberInput, Select, Switch } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import dialog from '@/shared/ui/Dialog.module.css';
import { workflowsQuery } from '../api';
import type { RunSettings } from '../graph';
import { useWords } from '../words';

const whole = (value: string | number) => {
  const n = Math.round(Number(value));
  return Number.isFinite(n) && value !== '' && n >= 1 ? n : null;
};

/** What holds for a whole run: how long it may take, and what happens when it fails. Part of the drawing. */
export function RunSettingsDialog({
  workflowId,
  settings,
  onChange,
  onClose,
}: {
  workflowId: string;
  settings: RunSettings | undefined;
  onChange: (settings: RunSettings) => void;
  onClose: () => void;
}) {
  const t = useWords();
  const ui = useTranslation().t;
  const workflows = useInfiniteQuery(workflowsQuery);
  const [deadline, setDeadline] = useState(settings?.deadlineSeconds ?? null);
  const [closing, setClosing] = useState(settings?.closingSeconds ?? null);
  const [keep, setKeep] = useState(settings?.keepOnFailure ?? false);
  const [error, setError] = useState(settings?.errorWorkflow ?? null);
  const published = rowsOf(workflows.data).filter((w) => w.state === 'published' && w.id !== workflowId);
  const choices = published.map((w) => ({ value: w.id, label: w.name }));
  if (error && !choices.some((c) => c.value === error)) choices.push({ value: error, label: error });
  return (
    <Modal opened onClose={onClose} title={t('runSettings.title')} size="sm" centered>
      <form
        className={dialog.form}
        onSubmit={(e) => {
          e.preventDefault();
          onChange({
            deadlineSeconds: deadline,
            closingSeconds: closing,
            keepOnFailure: keep || null,
            errorWorkflow: error,
          });
          onClose();
        }}
      >
        <NumberInput
          label={t('runSettings.deadline')}
          description={t('runSettings.deadlineHelp')}
          min={1}
          allowDecimal={false}
          value={deadline ?? ''}
          onChange={(v) => setDeadline(whole(v))}
          hideControls
          data-autofocus
        />
        <NumberInput
          label={t('runSettings.closing')}
          description={t('runSettings.closingHelp')}
          min={1}
          max={86_400}
          allowDecimal={false}
          value={closing ?? ''}
          onChange={(v) => setClosing(whole(v))}
          hideControls
        />
        <Select
          label={t('runSettings.error')}
          description={t('runSettings.errorHelp')}
          placeholder={t('runSettings.none')}
          data={choices}
          value={error}
          onChange={setError}
          clearable
          searchable
        />
        <Switch
          label={t('runSettings.keep')}
          description={t('runSettings.keepHelp')}
          checked={keep}
          onChange={(e) => setKeep(e.currentTarget.checked)}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {ui('ui.cancel')}
          </Button>
          <Button type="submit">{t('runSettings.apply')}</Button>
        </div>
      </form>
    </Modal>
  );
}
