import { Button, PasswordInput, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { useSession } from '@/shared/client/session';
import { useForm } from '@/shared/lib/useForm';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { missing } from './checks';
import { SubmitButton } from './SubmitButton';

export function SignUpPage() {
  const { t } = useTranslation();
  const { developer } = useSession();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const f = useForm({
    initial: { company: '', name: '', email: '', password: '' },
    check: (v) => missing(v, t),
    send: (v) => http.post('/sign-up', v),
    done: (_, v) => setSentTo(v.email),
  });
  const foot = <Trans i18nKey="access.signUp.foot" components={{ a: <Link to="/sign-in" /> }} />;
  if (sentTo)
    return (
      <AccessFrame
        title={t('access.signUp.sent')}
        text={t('access.signUp.sentText', { email: sentTo })}
        foot={foot}
      >
        <div className={css.row}>
          {developer && (
            <Button component={Link} to="/mailbox">
              {t('access.openMailbox')}
            </Button>
          )}
          <Button variant="default" onClick={() => setSentTo(null)}>
            {t('access.signUp.again')}
          </Button>
        </div>
      </AccessFrame>
    );
  return (
    <AccessFrame title={t('access.signUp.title')} text={t('access.signUp.text')} foot={foot}>
      <form className={css.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('access.company')}
          autoComplete="organization"
          size="sm"
          data-autofocus
          {...f.field('company')}
        />
        <TextInput label={t('access.name')} autoComplete="name" size="sm" {...f.field('name')} />
        <TextInput
          label={t('access.email')}
          type="email"
          autoComplete="email"
          size="sm"
          {...f.field('email')}
        />
        <PasswordInput
          label={t('access.password')}
          description={t('access.passwordHint')}
          autoComplete="new-password"
          size="sm"
          {...f.field('password')}
        />
        <SubmitButton label={t('access.signUp.submit')} busy={f.busy} wait={f.wait} />
      </form>
    </AccessFrame>
  );
}
