import { Button, PasswordInput, TextInput } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { useForm } from '@/shared/lib/useForm';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { missing } from './checks';
import { isUsed, UsedLink } from './LinkStep';
import { SubmitButton } from './SubmitButton';

export function InvitationPage() {
  const { t } = useTranslation();
  const { token } = useSearch({ from: '/open/invitation' });
  const [email, setEmail] = useState<string | null>(null);
  const f = useForm({
    initial: { name: '', password: '' },
    check: (v) => missing(v, t),
    send: (v) => http.post('/invitations/accept', { ...v, token: token ?? '' }),
    done: (answer) => setEmail(answer.email),
  });
  if (!token || isUsed(f.problem)) return <UsedLink missing={!token} />;
  if (email)
    return (
      <AccessFrame title={t('access.invitation.done')} text={t('access.invitation.doneText', { email })}>
        <div className={css.form}>
          <Button component={Link} to="/sign-in" size="sm" fullWidth>
            {t('access.signIn.submit')}
          </Button>
        </div>
      </AccessFrame>
    );
  return (
    <AccessFrame title={t('access.invitation.title')} text={t('access.invitation.text')}>
      <form className={css.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput label={t('access.name')} autoComplete="name" size="sm" {...f.field('name')} />
        <PasswordInput
          label={t('access.password')}
          description={t('access.passwordHint')}
          autoComplete="new-password"
          size="sm"
          {...f.field('password')}
        />
        <SubmitButton label={t('access.invitation.submit')} busy={f.busy} wait={f.wait} />
      </form>
    </AccessFrame>
  );
}
