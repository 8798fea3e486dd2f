import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { queryClient } from '@/shared/client/query';
import { sessionQuery, useSession } from '@/shared/client/session';
import type { SessionView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { missing } from './checks';
import { isUsed } from './LinkStep';
import { SubmitButton } from './SubmitButton';

/** A new second factor by a link that two administrators agreed to; the password comes first, as always. */
export function ResetFactorPage() {
  const { t } = useTranslation();
  const { token } = useSearch({ from: '/open/reset-factor' });
  const { state } = useSession();
  if (!token) return <Gone missing />;
  if (state === 'active')
    return (
      <AccessFrame title={t('access.resetFactor.title')} text={t('access.resetFactor.active')}>
        <div className={css.row}>
          <Button component={Link} to="/account">
            {t('access.resetFactor.account')}
          </Button>
        </div>
      </AccessFrame>
    );
  if (state === 'mfa-setup' || state === 'mfa-challenge') return <Use token={token} />;
  return <Password />;
}

function Password() {
  const { t } = useTranslation();
  const f = useForm({
    initial: { email: '', password: '' },
    check: (v) => missing(v, t),
    send: (v) => http.post('/sign-in', v),
    done: (session: SessionView) => queryClient.setQueryData(sessionQuery.queryKey, session),
  });
  return (
    <AccessFrame
      title={t('access.resetFactor.title')}
      text={t('access.resetFactor.password')}
      foot={t('access.resetFactor.provider')}
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
          {...f.field('password')}
        />
        <SubmitButton label={t('access.resetFactor.on')} busy={f.busy} wait={f.wait} />
      </form>
    </AccessFrame>
  );
}

/** The button does it, not the page: mail scanners open pages, too. */
function Use({ token }: { token: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const m = useMutation({
    mutationFn: () => http.post('/sign-in/factor-reset', { token }),
    onSuccess: async (session) => {
      queryClient.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: '/totp', replace: true });
    },
  });
  if (isUsed(m.error)) return <Gone />;
  return (
    <AccessFrame title={t('access.resetFactor.title')} text={t('access.resetFactor.text')}>
      <div className={css.form}>
        {m.error && <ProblemNotice problem={m.error} />}
        <Button size="sm" fullWidth loading={m.isPending} onClick={() => m.mutate()}>
          {t('access.resetFactor.submit')}
        </Button>
      </div>
    </AccessFrame>
  );
}

function Gone({ missing: incomplete = false }: { missing?: boolean }) {
  const { t } = useTranslation();
  return (
    <AccessFrame
      title={t(incomplete ? 'access.link.missing' : 'access.link.used')}
      text={t(incomplete ? 'access.link.missingText' : 'access.resetFactor.gone')}
    >
      <div className={css.row}>
        <Button component={Link} to="/sign-in">
          {t('access.signIn.submit')}
        </Button>
      </div>
    </AccessFrame>
  );
}
