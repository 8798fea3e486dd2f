import { Button, Modal, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AssetView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import dialog from '@/shared/ui/Dialog.module.css';
import { LevelSelect } from '@/shared/ui/LevelSelect';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { mark } from './api';
import { useWords } from './words';

const NOT_SAID = 'none';

/** What a machine holds, and how much its work matters. */
export function MarkDialog({
  asset,
  onClose,
  onMarked,
}: {
  asset: AssetView;
  onClose: () => void;
  onMarked: () => void;
}) {
  const t = useWords();
  const shared = useTranslation().t;
  const f = useForm({
    initial: {
      classification: String(asset.classification),
      criticality: asset.criticality === null ? NOT_SAID : String(asset.criticality),
    },
    check: () => ({}),
    send: (v) =>
      mark(asset.id, {
        classification: Number(v.classification),
        criticality: v.criticality === NOT_SAID ? null : Number(v.criticality),
      }),
    done: onMarked,
  });
  return (
    <Modal opened onClose={onClose} title={t('markTitle', { name: asset.name })} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <Select
          label={t('criticality')}
          description={t('criticalityHint')}
          data={[NOT_SAID, '1', '2', '3', '4', '5'].map((value) => ({ value, label: t(`level.${value}`) }))}
          allowDeselect={false}
          value={f.values.criticality}
          onChange={(value) => f.set('criticality', value ?? NOT_SAID)}
        />
        <LevelSelect
          label={t('classification')}
          description={t('classificationHint')}
          value={f.values.classification}
          word={(level) => t(`holds.${level}`)}
          onChange={(value) => f.set('classification', value)}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {shared('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy}>
            {t('markButton')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
