import { Button, Checkbox, Modal } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { confirmByPasskey } from '@/shared/client/passkey';
import { sessionQuery, useSession } from '@/shared/client/session';
import type { AccountView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { confirm } from '@/shared/ui/confirm';
import dialog from '@/shared/ui/Dialog.module.css';
import { FreshCode } from '@/shared/ui/FreshCode';
import { Panel } from '@/shared/ui/Panel';
import { PasskeyButton } from '@/shared/ui/PasskeyButton';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { missing } from '../checks';
import { RecoveryCodeList } from '../RecoveryCodeList';
import { SubmitButton } from '../SubmitButton';
import css from './Account.module.css';
import { ownResetQuery, removeTotp, renewRecoveryCodes, stopOwnReset } from './api';
import { ConfirmYou, needsFactor } from './ConfirmYou';
import { When } from './When';

const FEW = 3;

export function FactorPanel({ account }: { account: AccountView }) {
  const { t } = useTranslation();
  const [renewing, setRenewing] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const queries = useQueryClient();
  const { factors } = useSession();
  const reset = useQuery(ownResetQuery).data?.reset ?? null;
  const stop = async () => {
    try {
      await stopOwnReset();
      toast.done(t('access.account.resetStopped'));
    } catch (e) {
      toast.failed(e);
    }
    void queries.invalidateQueries({ queryKey: ownResetQuery.queryKey });
  };
  const remove = async () => {
    setConfirming(false);
    try {
      await removeTotp();
      toast.done(t('access.account.totpRemoved'));
    } catch (e) {
      if (needsFactor(e)) return setConfirming(true);
      toast.failed(e);
    }
    void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  const mayRemove = async () => {
    const sure = await confirm({
      title: t('access.account.totpRemoveTitle'),
      text: t('access.account.totpRemoveText'),
      action: t('access.account.totpRemoveButton'),
      destructive: true,
    });
    if (sure) await remove();
  };
  return (
    <Panel
      title={t('access.account.factor')}
      actions={
        account.mfaAt && (
          <Button variant="default" size="compact-xs" onClick={() => setRenewing(true)}>
            {t('access.account.renew')}
          </Button>
        )
      }
    >
      {account.mfaAt ? (
        <>
          <dl className={css.facts}>
            <dt>{t('access.account.factorSince')}</dt>
            <dd>
              <When at={account.mfaAt} />
            </dd>
            <dt>{t('access.account.codes')}</dt>
            <dd className="num">{t('access.account.codesLeft', { count: account.recoveryCodesLeft })}</dd>
          </dl>
          {reset && (
            <p className={css.warning} role="status">
              <IconAlertTriangle size={15} />
              <span>
                {t('access.account.resetOpen', { by: reset.askedBy })}{' '}
                <Button variant="default" size="compact-xs" onClick={() => void stop()}>
                  {t('access.account.resetStop')}
                </Button>
              </span>
            </p>
          )}
          {factors.includes('totp') && factors.includes('passkey') && (
            <div className={css.form}>
              <div>
                <Button variant="default" size="compact-xs" onClick={() => void mayRemove()}>
                  {t('access.account.totpRemove')}
                </Button>
              </div>
            </div>
          )}
          {account.recoveryCodesLeft < FEW && (
            <p className={css.warning}>
              <IconAlertTriangle size={15} />
              {t('access.account.fewLeft')}
            </p>
          )}
        </>
      ) : (
        <p className={css.plain}>{t('access.account.factorOff')}</p>
      )}
      {confirming && <ConfirmYou onClose={() => setConfirming(false)} onDone={() => void remove()} />}
      {renewing && <RenewDialog onClose={() => setRenewing(false)} />}
    </Panel>
  );
}

/** Once the new codes are shown, only whoever says they are kept leaves: they cannot be shown again. */
function RenewDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [kept, setKept] = useState(false);
  const { factors } = useSession();
  const done = ({ recoveryCodes }: { recoveryCodes: string[] }) => {
    setCodes(recoveryCodes);
    void queries.invalidateQueries({ queryKey: ['account'] });
  };
  const f = useForm({
    initial: { code: '' },
    check: (v) => missing(v, t),
    send: (v) => renewRecoveryCodes({ code: v.code.trim() }),
    done,
    about: (p) => (p.is('fresh-code-needed') ? { code: t('access.account.wrongCode') } : {}),
  });
  if (codes)
    return (
      <Modal
        opened
        onClose={onClose}
        title={t('access.recovery.title')}
        withCloseButton={false}
        closeOnClickOutside={false}
        closeOnEscape={false}
        centered
      >
        <p className={dialog.text}>{t('access.recovery.text')}</p>
        <RecoveryCodeList codes={codes} />
        <div className={css.form}>
          <Checkbox
            label={t('access.recovery.kept')}
            checked={kept}
            onChange={(e) => setKept(e.currentTarget.checked)}
          />
          <div className={dialog.buttons}>
            <Button disabled={!kept} onClick={onClose}>
              {t('access.account.done')}
            </Button>
          </div>
        </div>
      </Modal>
    );
  return (
    <Modal opened onClose={onClose} title={t('access.account.renew')} size="sm" centered>
      <form className={dialog.form} {...f.form}>
        <p className={dialog.text}>{t('access.account.renewText')}</p>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        {factors.includes('passkey') && (
          <PasskeyButton
            label={t('access.account.renewByPasskey')}
            run={async () => {
              await confirmByPasskey();
              return renewRecoveryCodes({});
            }}
            done={done}
          />
        )}
        {factors.includes('totp') && (
          <FreshCode description={t('access.account.renewCode')} data-autofocus {...f.field('code')} />
        )}
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          {factors.includes('totp') && (
            <SubmitButton
              label={t('access.account.renewButton')}
              busy={f.busy}
              wait={f.wait}
              inline
              second={factors.includes('passkey')}
            />
          )}
        </div>
      </form>
    </Modal>
  );
}
