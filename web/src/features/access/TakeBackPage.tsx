import { Button } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { LinkStep } from './LinkStep';

/** The other end of the link that takes the deletion of a company back. */
export function TakeBackPage() {
  const { t } = useTranslation();
  const { token } = useSearch({ from: '/open/take-back' });
  return (
    <LinkStep
      token={token}
      words="access.takeBack"
      send={(given) => http.post('/company-deletions/take-back', { token: given })}
      done={({ company }) => (
        <AccessFrame title={t('access.takeBack.done')} text={t('access.takeBack.doneText', { company })}>
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
