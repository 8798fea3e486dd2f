import { Button, Checkbox, Modal, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/shared/client/session';
import type { ApplicationView, NewApplicationView, Permission } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { CopyButton } from '@/shared/ui/CopyButton';
import dialog from '@/shared/ui/Dialog.module.css';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { registerApplication, renewSecret, servicesQuery } from './api';
import { addressesOf, IDENTITY, scopesOf, tokenCommand, withOpenid } from './keys';
import css from './Settings.module.css';

type Done = { onClose: () => void; onMade: (made: NewApplicationView) => void };

export function RegisterApplication({ onClose, onMade }: Done) {
  const { t } = useTranslation();
  const own = scopesOf(useSession().permissions);
  const services = useQuery(servicesQuery).data?.items.filter((s) => !s.disabled) ?? [];
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: { kind: 'people', name: '', service: '', addresses: '', scopes: '', code: '' },
    check: (v) => ({
      ...(v.name.trim() ? {} : { name: t('settings.applications.nameMissing') }),
      ...(v.kind === 'people' || v.service ? {} : { service: t('settings.applications.serviceMissing') }),
      ...(v.kind === 'program' || v.addresses.trim()
        ? {}
        : { addresses: t('settings.applications.addressesMissing') }),
      ...(v.scopes ? {} : { scopes: t('settings.keys.scopesMissing') }),
      ...(confirmed || v.code.trim() ? {} : { code: t('settings.applications.codeHint') }),
    }),
    send: (v) =>
      registerApplication({
        name: v.name.trim(),
        ...(v.kind === 'program'
          ? { serviceAccount: v.service }
          : { redirectUris: addressesOf(v.addresses) }),
        scopes: v.scopes.split(' ') as Permission[],
        ...(confirmed ? {} : { code: v.code.trim() }),
      }),
    done: onMade,
    about: (p) => {
      const address = p.errors.find((e) => e.pointer.startsWith('#/redirectUris'));
      if (address) return { addresses: address.detail };
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('settings.keys.wrongCode') };
    },
  });
  const scopes = f.field('scopes');
  const service = services.find((s) => s.id === f.values.service);
  const forPeople = f.values.kind === 'people';
  const possible = forPeople ? own : ((service?.possibleScopes ?? []) as Permission[]);
  return (
    <Modal opened onClose={onClose} title={t('settings.applications.register')} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <SegmentedControl
          aria-label={t('settings.applications.acts')}
          size="xs"
          value={f.values.kind}
          onChange={(kind) => {
            f.set('scopes', '');
            f.set('kind', kind);
          }}
          data={[
            { value: 'people', label: t('settings.applications.people') },
            { value: 'program', label: t('settings.applications.program') },
          ]}
        />
        <p className={dialog.text}>
          {t(
            f.values.kind === 'people'
              ? 'settings.applications.peopleText'
              : 'settings.applications.programText',
          )}
        </p>
        <TextInput
          label={t('settings.applications.name')}
          description={t('settings.applications.nameHint')}
          autoComplete="off"
          data-autofocus
          {...f.field('name')}
        />
        {f.values.kind === 'people' ? (
          <Textarea
            label={t('settings.applications.addresses')}
            description={t('settings.applications.addressesHint')}
            autosize
            minRows={1}
            maxRows={5}
            data-code
            {...f.field('addresses')}
          />
        ) : (
          <Select
            label={t('settings.applications.service')}
            data={services.map((s) => ({ value: s.id, label: s.name }))}
            placeholder={t(
              services.length > 0 ? 'settings.applications.choose' : 'settings.applications.noService',
            )}
            allowDeselect={false}
            value={f.values.service || null}
            error={f.field('service').error}
            onChange={(id) => {
              f.set('scopes', '');
              if (id) f.set('service', id);
            }}
          />
        )}
        {(possible.length > 0 || forPeople) && (
          <Checkbox.Group
            label={t('settings.keys.scopes')}
            description={t('settings.applications.scopesHint')}
            error={scopes.error}
            value={f.values.scopes ? f.values.scopes.split(' ') : []}
            onChange={(chosen) => f.set('scopes', withOpenid(chosen).join(' '))}
          >
            <div className={css.scopes}>
              {forPeople &&
                IDENTITY.map((scope) => (
                  <Checkbox
                    key={scope}
                    value={scope}
                    label={<span className="mono">{scope}</span>}
                    description={t(`settings.applications.identity.${scope}`)}
                  />
                ))}
              {possible.map((scope) => (
                <Checkbox key={scope} value={scope} label={<span className="mono">{scope}</span>} />
              ))}
            </div>
          </Checkbox.Group>
        )}
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('settings.applications.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('settings.applications.registerButton')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

export function RenewSecret({ application, onClose, onMade }: Done & { application: ApplicationView }) {
  const { t } = useTranslation();
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: { code: '' },
    check: (v) => (confirmed || v.code.trim() ? {} : { code: t('settings.applications.codeHint') }),
    send: (v) => renewSecret(application.id, confirmed ? {} : { code: v.code.trim() }),
    done: onMade,
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('settings.keys.wrongCode') };
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('settings.applications.renewTitle', { name: application.name })}
      size="sm"
      centered
    >
      <form className={dialog.form} {...f.form}>
        <p className={dialog.text}>{t('settings.applications.renewText')}</p>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('settings.applications.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('settings.applications.renew')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** What its makers need; the secret, if it has one, is shown this one time. */
export function ApplicationMade({ made, onClose }: { made: NewApplicationView; onClose: () => void }) {
  const { t } = useTranslation();
  const { client, secret } = made;
  const command = secret ? tokenCommand(client.id, secret, location.origin) : null;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('settings.applications.madeTitle', { name: client.name })}
      size="lg"
      centered
      closeOnClickOutside={false}
    >
      <div className={css.token}>
        <p>{t(secret ? 'settings.applications.secretText' : 'settings.applications.idText')}</p>
        <h3>{t('settings.applications.id')}</h3>
        <div className={css.secret}>
          <code>{client.id}</code>
          <CopyButton text={client.id} data-autofocus />
        </div>
        {secret && (
          <>
            <h3>{t('settings.applications.secret')}</h3>
            <div className={css.secret}>
              <code>{secret}</code>
              <CopyButton text={secret} />
            </div>
          </>
        )}
        {command && (
          <section className={css.command}>
            <header>
              <h3>{t('settings.keys.secretTry')}</h3>
              <CopyButton text={command} size="compact-xs" />
            </header>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
            <pre tabIndex={0}>{command}</pre>
          </section>
        )}
        <div className={dialog.buttons}>
          <Button onClick={onClose}>
            {t(secret ? 'settings.keys.secretKept' : 'settings.applications.close')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
