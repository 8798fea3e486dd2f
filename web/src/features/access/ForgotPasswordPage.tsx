import { Button, TextInput } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
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

/** Says the same whether or not the address has an account, as the server does. */
export function ForgotPasswordPage() {
  const { t } = useTranslation();
  const { developer } = useSession();
  const { email = '' } = useLocation({ select: (l) => l.state });
  const [sentTo, setSentTo] = useState<string | null>(null);
  const f = useForm({
    initial: { email },
    check: (v) => missing(v, t),
    send: (v) => http.post('/password/forgotten', v),
    done: (_, v) => setSentTo(v.email),
    sole: 'email',
  });
  const foot = <Trans i18nKey="access.forgot.foot" components={{ a: <Link to="/sign-in" /> }} />;
  if (sentTo)
    return (
      <AccessFrame title={t('access.forgot.sent')} text={t('access.forgot.sentText')} foot={foot}>
        <div className={css.row}>
          {developer && (
            <Button component={Link} to="/mailbox">
              {t('access.openMailbox')}
            </Button>
          )}
          <Button variant="default" onClick={() => setSentTo(null)}>
            {t('access.forgot.again')}
          </Button>
        </div>
      </AccessFrame>
    );
  return (
    <AccessFrame title={t('access.forgot.title')} text={t('access.forgot.text')} foot={foot}>
      <form className={css.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('access.email')}
          type="email"
          autoComplete="username"
          size="sm"
          autoFocus
          {...f.field('email')}
        />
        <SubmitButton label={t('access.forgot.submit')} busy={f.busy} wait={f.wait} />
      </form>
    </AccessFrame>
  );
}
