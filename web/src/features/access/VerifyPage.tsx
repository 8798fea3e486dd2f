import { Button } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { LinkStep } from './LinkStep';

export function VerifyPage() {
  const { t } = useTranslation();
  const { token } = useSearch({ from: '/open/verify' });
  return (
    <LinkStep
      token={token}
      words="access.verify"
      send={(given) => http.post('/sign-up/verify', { token: given })}
      done={({ email }) => (
        <AccessFrame title={t('access.verify.done')} text={t('access.verify.doneText', { email })}>
          <div className={css.form}>
            <Button component={Link} to="/sign-in" size="sm" fullWidth>
              {t('access.signIn.submit')}
            </Button>
          </div>
        </AccessFrame>
      )}
    />
  );
}
