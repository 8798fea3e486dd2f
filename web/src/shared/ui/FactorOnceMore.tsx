import type { TextInputProps } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { confirmByPasskey } from '@/shared/client/passkey';
import { useSession } from '@/shared/client/session';
import { FreshCode } from './FreshCode';
import { PasskeyButton } from './PasskeyButton';
import css from './PasskeyButton.module.css';

/** In a form that takes a second factor once more: a passkey, or the code of an app, whichever one has. */
export function FactorOnceMore({
  confirmed,
  onConfirmed,
  ...code
}: { confirmed: boolean; onConfirmed: () => void } & TextInputProps) {
  const { t } = useTranslation();
  const { factors } = useSession();
  if (confirmed)
    return (
      <p className={css.confirmed} role="status">
        <IconCheck size={15} />
        {t('ui.passkey.confirmed')}
      </p>
    );
  return (
    <>
      {factors.includes('passkey') && (
        <PasskeyButton
          label={t('ui.passkey.confirm')}
          run={confirmByPasskey}
          done={onConfirmed}
          variant="default"
        />
      )}
      {factors.includes('totp') && <FreshCode {...code} />}
    </>
  );
}
