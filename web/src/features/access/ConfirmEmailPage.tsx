import { Button } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { LinkStep } from './LinkStep';

/** The other end of the link that a new address of an account is mailed. */
export function ConfirmEmailPage() {
  const { t } = useTranslation();
  const { token } = useSearch({ from: '/open/confirm-email' });
  return (
    <LinkStep
      token={token}
      words="access.confirmEmail"
      send={(given) => http.post('/email/confirm', { token: given })}
      done={({ email }) => (
        <AccessFrame
          title={t('access.confirmEmail.done')}
          text={t('access.confirmEmail.doneText', { email })}
        >
          <div className={css.form}>
            <Button component={Link} to="/account" size="sm" fullWidth>
              {t('access.confirmEmail.on')}
            </Button>
          </div>
        </AccessFrame>
      )}
    />
  );
}
