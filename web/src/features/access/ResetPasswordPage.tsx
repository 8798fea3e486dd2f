import { Button, PasswordInput } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { queryClient } from '@/shared/client/query';
import { sessionQuery } from '@/shared/client/session';
import { useForm } from '@/shared/lib/useForm';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { missing } from './checks';
import { isUsed } from './LinkStep';
import { SubmitButton } from './SubmitButton';

export function ResetPasswordPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { token } = useSearch({ from: '/open/reset-password' });
  const f = useForm({
    initial: { password: '' },
    check: (v) => missing(v, t),
    send: async (v) => {
      const answer = await http.post('/password/reset', { ...v, token: token ?? '' });
      // Whoever was signed in here is so no longer; sign-in must not lead past itself.
      queryClient.removeQueries();
      await queryClient.prefetchQuery(sessionQuery);
      return answer;
    },
    done: ({ email }) =>
      void navigate({ to: '/sign-in', state: { email, passwordSet: true }, replace: true }),
  });
  if (!token || isUsed(f.problem)) return <OldLink missing={!token} />;
  return (
    <AccessFrame title={t('access.reset.title')} text={t('access.reset.text')}>
      <form className={css.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <PasswordInput
          label={t('access.reset.password')}
          description={t('access.passwordHint')}
          autoComplete="new-password"
          size="sm"
          autoFocus
          {...f.field('password')}
        />
        <SubmitButton label={t('access.reset.submit')} busy={f.busy} wait={f.wait} />
      </form>
    </AccessFrame>
  );
}

function OldLink({ missing: incomplete }: { missing: boolean }) {
  const { t } = useTranslation();
  return (
    <AccessFrame
      title={t(incomplete ? 'access.link.missing' : 'access.link.used')}
      text={t(incomplete ? 'access.link.missingText' : 'access.reset.usedText')}
    >
      <div className={css.row}>
        <Button component={Link} to="/sign-in" variant="default">
          {t('access.signIn.submit')}
        </Button>
        <Button component={Link} to="/forgot-password">
          {t('access.reset.again')}
        </Button>
      </div>
    </AccessFrame>
  );
}
