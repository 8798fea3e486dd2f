import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { useLook } from '@/shared/client/look';
import { signInByPasskey } from '@/shared/client/passkey';
import type { SessionView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { PasskeyButton } from '@/shared/ui/PasskeyButton';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { AfterSignIn } from './AfterSignIn';
import { missing } from './checks';
import { domainOf } from './provider';
import { SubmitButton } from './SubmitButton';

export function SignInPage() {
  const { t } = useTranslation();
  const { next } = useSearch({ from: '/open/sign-in' });
  const {
    email = '',
    passwordSet = false,
    unused = false,
    tying = false,
  } = useLocation({ select: (l) => l.state });
  const [session, setSession] = useState<SessionView | null>(null);
  const f = useForm({
    initial: { email, password: '' },
    check: (v) => missing(v, t),
    send: (v) => http.post('/sign-in', v),
    done: setSession,
  });
  let text: string | undefined;
  if (tying) text = t('access.signIn.tying');
  else if (passwordSet) text = t('access.signIn.passwordSet');
  else if (unused) text = t('access.signIn.unused');
  else if (next) text = t('access.signIn.back');
  if (session) return <AfterSignIn session={session} next={next} />;
  return (
    <AccessFrame
      title={t('access.signIn.title')}
      text={text}
      foot={<Trans i18nKey="access.signIn.foot" components={{ a: <Link to="/sign-up" /> }} />}
    >
      <form className={css.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('access.email')}
          type="email"
          autoComplete="username"
          size="sm"
          {...f.field('email')}
        />
        <PasswordInput
          label={t('access.password')}
          autoComplete="current-password"
          size="sm"
          autoFocus={passwordSet || tying}
          {...f.field('password')}
        />
        <SubmitButton label={t('access.signIn.submit')} busy={f.busy} wait={f.wait} />
        <div>
          <Link to="/forgot-password" state={{ email: f.values.email }} className={css.link}>
            {t('access.signIn.forgot')}
          </Link>
        </div>
      </form>
      {!tying && <ByProvider email={f.values.email} next={next} />}
      <div className={css.or}>
        <PasskeyButton
          label={t('access.signIn.passkey')}
          run={signInByPasskey}
          done={setSession}
          variant="default"
          size="sm"
          fullWidth
        />
      </div>
    </AccessFrame>
  );
}

/** The way in through the company's own provider, where the domain of the address has one. */
function ByProvider({ email, next }: { email: string; next: string | undefined }) {
  const { t } = useTranslation();
  const [domain] = useDebouncedValue(domainOf(email), 300);
  const { data } = useQuery({
    queryKey: ['offered-provider', domain],
    queryFn: () => http.post('/sign-in/provider', { domain: domain ?? '' }),
    enabled: domain !== null,
    staleTime: 60_000,
    retry: false,
  });
  const begin = useMutation({
    mutationFn: () =>
      http.post('/sign-in/provider-begin', { email: email.trim(), ...(next ? { next } : {}) }),
    onSuccess: ({ location }) => window.location.assign(location),
  });
  const { home } = useLook();
  if (!domain || !data?.name) return null;
  if (home)
    return (
      <p className={`${css.or} ${css.lead}`}>
        <Trans
          i18nKey="access.signIn.providerElsewhere"
          values={{ provider: data.name, home }}
          // biome-ignore lint/a11y/useAnchorContent: the sentence brings its words
          components={{ a: <a className={css.link} href={new URL('/sign-in', home).href} /> }}
        />
      </p>
    );
  return (
    <div className={`${css.or} ${css.provider}`}>
      {begin.error && <ProblemNotice problem={begin.error} />}
      {data.required && <p>{t('access.signIn.required', { provider: data.name })}</p>}
      <Button
        size="sm"
        fullWidth
        variant={data.required ? 'filled' : 'default'}
        loading={begin.isPending || begin.isSuccess}
        onClick={() => begin.mutate()}
      >
        {t('access.signIn.provider', { provider: data.name })}
      </Button>
    </div>
  );
}
