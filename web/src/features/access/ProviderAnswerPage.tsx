import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLoaderData, useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { AfterSignIn } from './AfterSignIn';
import { safePath } from './checks';
import { answerOf } from './provider';

/** Where a company's provider sends people back to. What it says of an error is text of others and not shown. */
export function ProviderAnswerPage() {
  const { t } = useTranslation();
  const { provider } = useParams({ from: '/open/sign-in/provider/$provider' });
  const sent = useLoaderData({ from: '/open/sign-in/provider/$provider' });
  const navigate = useNavigate();
  const answer = answerOf(provider, sent);
  const { data, error } = useQuery({
    queryKey: ['provider-answer', sent],
    queryFn: async () => {
      const opened = await http.post('/sign-in/provider-answer', answer ?? { provider, state: '' });
      return { opened, session: opened.step === 'signed-in' ? await http.get('/session') : null };
    },
    enabled: answer !== null,
    // An answer is good once.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const goOn = (email: string | null | undefined) =>
    navigate({
      to: '/sign-in',
      search: { next: '/sign-in/tie' },
      state: { ...(email ? { email } : {}), tying: true },
    });
  if (data?.session) return <AfterSignIn session={data.session} next={safePath(data.opened.next)} />;
  if (data)
    return (
      <AccessFrame
        title={t('access.provider.tieTitle')}
        text={t('access.provider.tieText', { email: data.opened.email, provider: data.opened.provider })}
      >
        <div className={css.form}>
          <Button size="sm" fullWidth onClick={() => void goOn(data.opened.email)}>
            {t('access.provider.tieNext')}
          </Button>
        </div>
      </AccessFrame>
    );
  if (error || !answer)
    return (
      <AccessFrame
        title={t('access.provider.failed')}
        {...(error ? {} : { text: t('access.provider.none') })}
      >
        <div className={css.form}>
          {error && <ProblemNotice problem={error} />}
          <Button component={Link} to="/sign-in" size="sm" fullWidth>
            {t('access.provider.again')}
          </Button>
        </div>
      </AccessFrame>
    );
  return (
    <AccessFrame title={t('access.provider.wait')}>
      <div className={css.form}>
        <Loading />
      </div>
    </AccessFrame>
  );
}
