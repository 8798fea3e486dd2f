import { Button, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import dialog from '@/shared/ui/Dialog.module.css';

/** Asks whether anybody is there, while there is time to say so. */
export function IdleDialog({ left, onStay }: { left: number; onStay: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onStay} title={t('shell.idleTitle')} size="sm" centered>
      <p className={dialog.text} role="timer">
        {t('shell.idleText', { count: left })}
      </p>
      <div className={dialog.buttons}>
        <Button data-autofocus onClick={onStay}>
          {t('shell.idleStay')}
        </Button>
      </div>
    </Modal>
  );
}
