import { Button, PasswordInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { AccountView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import dialog from '@/shared/ui/Dialog.module.css';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { missing } from '../checks';
import { SubmitButton } from '../SubmitButton';
import css from './Account.module.css';
import { changePassword } from './api';
import { When } from './When';

export function PasswordPanel({ account }: { account: AccountView }) {
  const { t } = useTranslation();
  const [changing, setChanging] = useState(false);
  return (
    <Panel
      title={t('access.account.password')}
      actions={
        !changing && (
          <Button variant="default" size="compact-xs" onClick={() => setChanging(true)}>
            {t('access.account.change')}
          </Button>
        )
      }
    >
      <dl className={css.facts}>
        <dt>{t('access.account.since')}</dt>
        <dd>
          <When at={account.passwordAt} />
        </dd>
      </dl>
      {changing && <ChangeForm email={account.email} onClose={() => setChanging(false)} />}
    </Panel>
  );
}

function ChangeForm({ email, onClose }: { email: string; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const f = useForm({
    initial: { present: '', password: '' },
    check: (v) => missing(v, t),
    send: changePassword,
    done: () => {
      toast.done(t('access.account.changed'));
      void queries.invalidateQueries({ queryKey: ['account'] });
      onClose();
    },
    about: (p) => (p.is('wrong-password') ? { present: t('access.account.wrongPassword') } : {}),
  });
  return (
    <form className={`${css.form} ${css.panelForm}`} aria-label={t('access.account.change')} {...f.form}>
      <p className={dialog.text}>{t('access.account.changeText')}</p>
      {f.problem !== null && <ProblemNotice problem={f.problem} />}
      {/* Tells a password manager whose password this is. */}
      <input type="text" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput
        label={t('access.account.present')}
        autoComplete="current-password"
        autoFocus
        {...f.field('present')}
      />
      <PasswordInput
        label={t('access.account.next')}
        description={t('access.passwordHint')}
        autoComplete="new-password"
        {...f.field('password')}
      />
      <p className={css.aside}>
        <Trans
          i18nKey="access.account.forgot"
          components={{ a: <Link to="/forgot-password" state={{ email }} /> }}
        />
      </p>
      <div className={dialog.buttons}>
        <Button variant="default" onClick={onClose}>
          {t('ui.cancel')}
        </Button>
        <SubmitButton label={t('access.account.change')} busy={f.busy} wait={f.wait} inline />
      </div>
    </form>
  );
}
