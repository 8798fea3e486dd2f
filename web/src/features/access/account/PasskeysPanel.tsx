import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addPasskey, passkeyPlace } from '@/shared/client/passkey';
import { sessionQuery, useSession } from '@/shared/client/session';
import type { PasskeyView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { confirm } from '@/shared/ui/confirm';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { PasskeyButton, PasskeyNotHere } from '@/shared/ui/PasskeyButton';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { missing } from '../checks';
import { SubmitButton } from '../SubmitButton';
import css from './Account.module.css';
import { passkeysQuery, passkeyToMakeQuery, removePasskey, renamePasskey } from './api';
import { ConfirmYou, needsFactor } from './ConfirmYou';
import { When } from './When';

/** One's passkeys: which there are, since when, and when each was used last. */
export function PasskeysPanel() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(passkeysQuery);
  const place = passkeyPlace(useSession());
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<PasskeyView | null>(null);
  const [removing, setRemoving] = useState<PasskeyView | null>(null);
  const passkeys = data?.items ?? [];

  const changed = () => {
    void queries.invalidateQueries({ queryKey: ['account'] });
    void queries.invalidateQueries(sessionQuery);
  };
  const removeNow = async (passkey: PasskeyView) => {
    setRemoving(null);
    try {
      await removePasskey(passkey.id);
      toast.done(t('access.passkeys.removed', { name: passkey.name }));
    } catch (e) {
      if (needsFactor(e)) return setRemoving(passkey);
      toast.failed(e);
    }
    changed();
  };
  const remove = async (passkey: PasskeyView) => {
    const sure = await confirm({
      title: t('access.passkeys.removeTitle', { name: passkey.name }),
      text: t('access.passkeys.removeText'),
      action: t('access.passkeys.removeButton', { name: passkey.name }),
      destructive: true,
    });
    if (sure) await removeNow(passkey);
  };

  return (
    <Panel
      title={t('access.passkeys.title')}
      actions={
        place.at === 'here' &&
        data && (
          <Button variant="default" size="compact-xs" onClick={() => setAdding(true)}>
            {t('access.passkeys.add')}
          </Button>
        )
      }
      flush
    >
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {passkeys.length > 0 && (
        <ul className={`${css.sessions} ${css.passkeys}`} aria-label={t('access.passkeys.title')}>
          {passkeys.map((p) => (
            <li key={p.id}>
              <div className={css.device}>
                <b>{p.name}</b>
                {p.backedUp && <span>{t('access.passkeys.backedUp')}</span>}
              </div>
              <dl>
                <div>
                  <dt>{t('access.passkeys.created')}</dt>
                  <dd>
                    <When at={p.createdAt} />
                  </dd>
                </div>
                <div>
                  <dt>{t('access.passkeys.lastUsed')}</dt>
                  <dd>{p.lastUsedAt ? <When at={p.lastUsedAt} /> : t('access.passkeys.never')}</dd>
                </div>
              </dl>
              <div className={css.does}>
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={t('access.passkeys.renameOf', { name: p.name })}
                  onClick={() => setRenaming(p)}
                >
                  {t('access.passkeys.rename')}
                </Button>
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={t('access.passkeys.removeOf', { name: p.name })}
                  onClick={() => void remove(p)}
                >
                  {t('access.passkeys.remove')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {data && (passkeys.length === 0 || place.at !== 'here') && (
        <div className={css.alone}>
          {passkeys.length === 0 && <p className={css.plain}>{t('access.passkeys.none')}</p>}
          {place.at !== 'here' && <PasskeyNotHere place={place} />}
        </div>
      )}
      {adding && (
        <AddDialog
          onClose={() => setAdding(false)}
          onAdded={(name) => {
            setAdding(false);
            toast.done(t('access.passkeys.added', { name }));
            changed();
          }}
        />
      )}
      {renaming && (
        <RenameDialog
          passkey={renaming}
          onClose={() => setRenaming(null)}
          onDone={() => {
            setRenaming(null);
            changed();
          }}
        />
      )}
      {removing && <ConfirmYou onClose={() => setRemoving(null)} onDone={() => void removeNow(removing)} />}
    </Panel>
  );
}

/** What to make is asked for first: it says whether a factor is needed once more, and then one press makes the passkey. */
function AddDialog({ onAdded, onClose }: { onAdded: (name: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const asked = useQuery(passkeyToMakeQuery);
  if (needsFactor(asked.error)) return <ConfirmYou onClose={onClose} onDone={() => void asked.refetch()} />;
  const toMake = asked.data;
  return (
    <Modal opened onClose={onClose} title={t('access.passkeys.add')} size="sm" centered>
      <div className={dialog.form}>
        <p className={dialog.text}>{t('access.passkeys.addText')}</p>
        {asked.error && <ProblemNotice problem={asked.error} onRetry={() => void asked.refetch()} />}
        <TextInput
          label={t('access.passkeys.name')}
          description={t('access.passkeys.nameHint')}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          maxLength={60}
          data-autofocus
        />
        {toMake && (
          <PasskeyButton
            label={t('access.passkeys.create')}
            run={async () => {
              try {
                return await addPasskey(toMake, name.trim());
              } catch (e) {
                // Its challenge may be used up; the next press takes a new one.
                void asked.refetch();
                throw e;
              }
            }}
            done={(added) => onAdded(added.name)}
          />
        )}
        {asked.isPending && <Loading />}
      </div>
    </Modal>
  );
}

function RenameDialog({
  passkey,
  onDone,
  onClose,
}: {
  passkey: PasskeyView;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const f = useForm({
    initial: { name: passkey.name },
    check: (v) => missing(v, (key) => t(key.replace('missing.name', 'missing.passkey'))),
    send: (v) => renamePasskey(passkey.id, { name: v.name.trim() }),
    done: onDone,
    sole: 'name',
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('access.passkeys.renameTitle', { name: passkey.name })}
      size="sm"
      centered
    >
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput label={t('access.passkeys.name')} maxLength={60} data-autofocus {...f.field('name')} />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <SubmitButton label={t('access.passkeys.rename')} busy={f.busy} wait={f.wait} inline />
        </div>
      </form>
    </Modal>
  );
}
