import { Button, Modal } from '@mantine/core';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Asked, useAsked } from './confirm';
import css from './Dialog.module.css';

export function ConfirmDialog() {
  const { t } = useTranslation();
  const asked = useAsked((s) => s.asked);
  const last = useRef<Asked | null>(null);
  if (asked) last.current = asked;
  const shown = asked ?? last.current;
  return (
    <Modal
      opened={asked !== null}
      onClose={() => asked?.answer(false)}
      title={shown?.title}
      size="sm"
      centered
    >
      <div className={css.text}>{shown?.text}</div>
      <div className={css.buttons}>
        <Button variant="default" onClick={() => asked?.answer(false)}>
          {t('ui.cancel')}
        </Button>
        <Button
          {...(shown?.destructive ? { color: 'red.8' } : {})}
          onClick={() => asked?.answer(true)}
          data-autofocus
        >
          {shown?.action}
        </Button>
      </div>
    </Modal>
  );
}
