import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useForm } from '@/shared/lib/useForm';
import dialog from '@/shared/ui/Dialog.module.css';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';

/** Something grave: one field at most, and the second factor once more. */
export function FactorDialog<R>({
  title,
  text,
  action,
  destructive = false,
  input,
  hint,
  send,
  onClose,
  onDone,
}: {
  title: string;
  text: string;
  action: string;
  destructive?: boolean;
  /** `name` is what the server calls it. */
  input?: { name: string; label: string; missing: string };
  /** Why a code is asked for. */
  hint?: string;
  send: (code: { code?: string }, typed: string) => Promise<R>;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const [confirmed, setConfirmed] = useState(false);
  const name = input?.name ?? 'typed';
  const f = useForm<Record<string, string>, R>({
    initial: { [name]: '', code: '' },
    check: (v) => ({
      ...(!input || v[name]?.trim() ? {} : { [name]: input.missing }),
      ...(confirmed || v.code?.trim() ? {} : { code: hint ?? t('settings.idp.codeHint') }),
    }),
    send: (v) => send(confirmed ? {} : { code: (v.code ?? '').trim() }, (v[name] ?? '').trim()),
    done: onDone,
    about: (p): Record<string, string> => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('settings.keys.wrongCode') };
    },
  });
  return (
    <Modal opened onClose={onClose} title={title} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={dialog.text}>{text}</p>
        {input && <TextInput label={input.label} autoComplete="off" data-autofocus {...f.field(name)} />}
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={hint ?? t('settings.idp.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button
            type="submit"
            loading={f.busy}
            disabled={f.wait > 0}
            {...(destructive ? { color: 'red.8' } : {})}
          >
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
