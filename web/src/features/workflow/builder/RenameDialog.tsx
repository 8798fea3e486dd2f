import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from '@/shared/ui/Dialog.module.css';
import { useWords } from '../words';

export function RenameDialog({
  name,
  description,
  onRename,
  onClose,
}: {
  name: string;
  description: string;
  onRename: (name: string, description: string) => void;
  onClose: () => void;
}) {
  const t = useWords();
  const ui = useTranslation().t;
  const [next, setNext] = useState(name);
  const [about, setAbout] = useState(description);
  return (
    <Modal opened onClose={onClose} title={t('rename.title')} size="sm" centered>
      <form
        className={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          if (!next.trim()) return;
          onRename(next.trim(), about.trim());
          onClose();
        }}
      >
        <TextInput
          label={t('rename.name')}
          value={next}
          required
          maxLength={120}
          data-autofocus
          error={next.trim() ? undefined : t('rename.nameMissing')}
          onChange={(e) => setNext(e.currentTarget.value)}
        />
        <Textarea
          label={t('rename.description')}
          value={about}
          autosize
          minRows={2}
          onChange={(e) => setAbout(e.currentTarget.value)}
        />
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose}>
            {ui('ui.cancel')}
          </Button>
          <Button type="submit">{t('rename.action')}</Button>
        </div>
      </form>
    </Modal>
  );
}
