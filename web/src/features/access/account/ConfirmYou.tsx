import { Button, Modal, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/shared/client/http';
import { confirmByPasskey } from '@/shared/client/passkey';
import { useSession } from '@/shared/client/session';
import { useForm } from '@/shared/lib/useForm';
import dialog from '@/shared/ui/Dialog.module.css';
import { PasskeyButton } from '@/shared/ui/PasskeyButton';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { missing } from '../checks';
import { SubmitButton } from '../SubmitButton';
import { confirmByCode } from './api';

export const needsFactor = (problem: unknown) => isProblem(problem) && problem.is('fresh-code-needed');

/** Asks for a second factor once more; for five minutes the session counts as confirmed. */
export function ConfirmYou({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { factors } = useSession();
  const f = useForm({
    initial: { code: '' },
    check: (v) => missing(v, t),
    send: (v) => confirmByCode({ code: v.code.trim() }),
    done: onDone,
    about: (p) => (p.is('fresh-code-needed') ? { code: t('access.account.wrongCode') } : {}),
  });
  return (
    <Modal opened onClose={onClose} title={t('access.confirm.title')} size="sm" centered>
      <form className={dialog.form} {...f.form}>
        <p className={dialog.text}>{t('access.confirm.text')}</p>
        {factors.includes('passkey') && (
          <PasskeyButton
            label={t('access.confirm.passkey')}
            run={confirmByPasskey}
            done={onDone}
            data-autofocus
          />
        )}
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t(factors.includes('totp') ? 'access.confirm.code' : 'access.confirm.recoveryCode')}
          description={t('access.confirm.codeHint')}
          autoComplete="one-time-code"
          maxLength={100}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <SubmitButton
            label={t('access.confirm.submit')}
            busy={f.busy}
            wait={f.wait}
            inline
            second={factors.includes('passkey')}
          />
        </div>
      </form>
    </Modal>
  );
}
