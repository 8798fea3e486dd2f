import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { useSession } from '@/shared/client/session';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';

/** The last step of tying: the person has signed in as before, and says yes. */
export function ProviderLinkPage() {
  const { t } = useTranslation();
  const { user } = useSession();
  const tie = useMutation({ mutationFn: () => http.post('/account/provider-link') });
  const email = user?.email ?? '';
  if (tie.data)
    return (
      <AccessFrame
        title={t('access.provider.tied')}
        text={t('access.provider.tiedText', { provider: tie.data.provider })}
      >
        <div className={css.form}>
          <Button component={Link} to="/" size="sm" fullWidth>
            {t('access.provider.goOn')}
          </Button>
        </div>
      </AccessFrame>
    );
  return (
    <AccessFrame title={t('access.provider.yesTitle')} text={t('access.provider.yesText', { email })}>
      <div className={css.form}>
        {tie.error && <ProblemNotice problem={tie.error} />}
        <Button size="sm" fullWidth loading={tie.isPending} onClick={() => tie.mutate()}>
          {t('access.provider.yes')}
        </Button>
        <div>
          <Link to="/" className={css.link}>
            {t('access.provider.no')}
          </Link>
        </div>
      </div>
    </AccessFrame>
  );
}
