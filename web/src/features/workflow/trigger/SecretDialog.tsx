import { Button, Modal } from '@mantine/core';
import type { TriggerView } from '@/shared/client/types';
import { CopyButton } from '@/shared/ui/CopyButton';
import dialog from '@/shared/ui/Dialog.module.css';
import { useWords } from '../words';
import css from './Triggers.module.css';

/** The one moment at which a secret can be read. */
export function SecretDialog({
  trigger,
  secret,
  onClose,
}: {
  trigger: TriggerView;
  secret: string;
  onClose: () => void;
}) {
  const t = useWords();
  return (
    <Modal opened onClose={onClose} title={t('triggers.secretOf', { name: trigger.name })} size="md" centered>
      <div className={dialog.form}>
        <p className={dialog.text}>{t('triggers.secretOnce')}</p>
        <code className={css.secret}>{secret}</code>
        {trigger.auth === 'hmac' && <p className={dialog.text}>{t('triggers.hmacHow')}</p>}
        <div className={dialog.buttons}>
          <CopyButton text={secret} />
          <Button onClick={onClose}>{t('triggers.kept')}</Button>
        </div>
      </div>
    </Modal>
  );
}
