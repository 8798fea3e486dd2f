import { Button, Checkbox, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewKeyView, Permission } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { CopyButton } from '@/shared/ui/CopyButton';
import dialog from '@/shared/ui/Dialog.module.css';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import type { makeOwnKey } from './api';
import { networksOf, tryIt } from './keys';
import css from './Settings.module.css';

const DAYS = ['1', '7', '30', '90', '180', '365'];

export function MakeKey({
  name,
  title,
  nameHint,
  possible,
  send,
  onClose,
  onMade,
}: {
  /** Of the service account that it is for; one's own when left out. */
  name?: string;
  title?: string;
  nameHint?: string;
  /** Scopes to choose from; left out where the key can have but one. */
  possible?: Permission[];
  send: typeof makeOwnKey;
  onClose: () => void;
  onMade: (made: NewKeyView) => void;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: { name: '', scopes: '', networks: '', days: '90', code: '' },
    check: (v) => ({
      ...(v.name.trim() ? {} : { name: t('settings.keys.nameMissing') }),
      ...(v.scopes || !possible ? {} : { scopes: t('settings.keys.scopesMissing') }),
      ...(confirmed || v.code.trim() ? {} : { code: t('settings.keys.codeHint') }),
    }),
    send: (v) =>
      send({
        name: v.name.trim(),
        scopes: v.scopes.split(' ').filter(Boolean) as Permission[],
        networks: networksOf(v.networks),
        days: Number(v.days),
        ...(confirmed ? {} : { code: v.code.trim() }),
      }),
    done: (made) => {
      void queries.invalidateQueries({ queryKey: ['api-keys'] });
      void queries.invalidateQueries({ queryKey: ['service-accounts'] });
      void queries.invalidateQueries({ queryKey: ['provisioning'] });
      onMade(made);
    },
    about: (p) => {
      const network = p.errors.find((e) => e.pointer.startsWith('#/networks'));
      if (network) return { networks: network.detail };
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('settings.keys.wrongCode') };
    },
  });
  const scopes = f.field('scopes');
  const days = f.field('days');
  return (
    <Modal
      opened
      onClose={onClose}
      title={title ?? (name ? t('settings.keys.makeTitleFor', { name }) : t('settings.keys.makeTitle'))}
      centered
    >
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('settings.keys.name')}
          description={nameHint ?? t('settings.keys.nameHint')}
          autoComplete="off"
          data-autofocus
          {...f.field('name')}
        />
        {possible && (
          <Checkbox.Group
            label={t('settings.keys.scopes')}
            description={t('settings.keys.scopesHint')}
            error={scopes.error}
            value={f.values.scopes ? f.values.scopes.split(' ') : []}
            onChange={(chosen) => f.set('scopes', chosen.join(' '))}
          >
            <div className={css.scopes}>
              {possible.map((scope) => (
                <Checkbox key={scope} value={scope} label={<span className="mono">{scope}</span>} />
              ))}
            </div>
          </Checkbox.Group>
        )}
        <Textarea
          label={t('settings.keys.networks')}
          description={t('settings.keys.networksHint')}
          autosize
          minRows={1}
          maxRows={5}
          data-code
          {...f.field('networks')}
        />
        <Select
          label={t('settings.keys.days')}
          data={DAYS.map((value) => ({ value, label: t('settings.keys.daysOf', { count: Number(value) }) }))}
          allowDeselect={false}
          value={f.values.days}
          error={days.error}
          onChange={(value) => value && f.set('days', value)}
        />
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('settings.keys.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('settings.keys.makeButton')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** The one time that the secret is shown. */
export function NewKeyDialog({
  made,
  path = '/api/v1/api-key',
  onClose,
}: {
  made: NewKeyView;
  /** What the key can be tried out with. */
  path?: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const command = tryIt(made.secret, location.origin, path);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('settings.keys.secretTitle', { name: made.key.name })}
      size="lg"
      centered
      closeOnClickOutside={false}
    >
      <div className={css.token}>
        <p>{t('settings.keys.secretText')}</p>
        <div className={css.secret}>
          <code>{made.secret}</code>
          <CopyButton text={made.secret} data-autofocus />
        </div>
        <section className={css.command}>
          <header>
            <h3>{t('settings.keys.secretTry')}</h3>
            <CopyButton text={command} size="compact-xs" />
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
          <pre tabIndex={0}>{command}</pre>
        </section>
        <div className={dialog.buttons}>
          <Button onClick={onClose}>{t('settings.keys.secretKept')}</Button>
        </div>
      </div>
    </Modal>
  );
}
