import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useForm } from '@/shared/lib/useForm';
import dialog from '@/shared/ui/Dialog.module.css';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { missing } from '../checks';
import { SubmitButton } from '../SubmitButton';
import { changeEmail } from './api';

/** Asks for another address; it is the account's once it is confirmed from its own mailbox. */
export function EmailDialog({ email, onClose }: { email: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState('');
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: { email: '', code: '' },
    check: (v) => missing(confirmed ? { email: v.email } : v, t),
    send: (v) => changeEmail({ email: v.email.trim(), ...(confirmed ? {} : { code: v.code.trim() }) }),
    done: (_, v) => setAsked(v.email.trim()),
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('access.account.wrongCode') };
    },
  });
  if (asked)
    return (
      <Modal opened onClose={onClose} title={t('access.account.emailAsked')} size="sm" centered>
        <p className={dialog.text}>{t('access.account.emailAskedText', { email, next: asked })}</p>
        <div className={dialog.buttons}>
          <Button data-autofocus onClick={onClose}>
            {t('access.account.done')}
          </Button>
        </div>
      </Modal>
    );
  return (
    <Modal opened onClose={onClose} title={t('access.account.emailChange')} size="sm" centered>
      <form className={dialog.form} {...f.form}>
        <p className={dialog.text}>{t('access.account.emailText')}</p>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('access.account.emailNext')}
          type="email"
          autoComplete="email"
          data-autofocus
          {...f.field('email')}
        />
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('access.account.renewCode')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <SubmitButton label={t('access.account.emailButton')} busy={f.busy} wait={f.wait} inline />
        </div>
      </form>
    </Modal>
  );
}
