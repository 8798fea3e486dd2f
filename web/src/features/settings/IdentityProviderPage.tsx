import { Button, Checkbox, PasswordInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IdentityProviderView, ProviderTestView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { CopyButton } from '@/shared/ui/CopyButton';
import dialog from '@/shared/ui/Dialog.module.css';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import {
  addDomain,
  identityProviderQuery,
  proveDomain,
  removeDomain,
  removeProvider,
  setProvider,
  testProvider,
} from './api';
import { FactorDialog } from './FactorDialog';
import { ProvedNames } from './ProvedNames';
import css from './Settings.module.css';

type Part = 'provider' | 'domains';
const MODES = ['off', 'offered', 'required'] as const;

/** The company's own OpenID Connect provider, and the domains whose people it vouches for. */
export function IdentityProviderPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(identityProviderQuery);
  const [part, setPart] = useState<Part>('provider');
  return (
    <section className={css.section} aria-label={t('settings.idp.title')}>
      <div className={css.tools}>
        <p>{t('settings.idp.text')}</p>
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <>
          <div className={`${css.tools} ${css.wraps}`}>
            <SegmentedControl
              aria-label={t('settings.idp.view')}
              size="xs"
              value={part}
              onChange={(v) => setPart(v as Part)}
              data={(['provider', 'domains'] as const).map((value) => ({
                value,
                label: t(`settings.idp.${value}`),
              }))}
            />
            <div className={css.address}>
              <span className={css.dim}>{t('settings.idp.redirect')}</span>
              <code>{data.redirectUri}</code>
              <CopyButton text={data.redirectUri} size="compact-xs" />
            </div>
          </div>
          {part === 'provider' ? (
            <div className={css.scroll}>
              <ProviderForm
                key={data.provider?.revision ?? 0}
                view={data}
                onDomains={() => setPart('domains')}
              />
            </div>
          ) : (
            <ProvedNames
              words="settings.idp"
              missing={t('settings.idp.missing.domain')}
              field="domain"
              rows={data.domains.map((d) => ({ name: d.domain, ...d }))}
              prove={proveDomain}
              add={(v, domain) => addDomain({ ...v, domain })}
              remove={removeDomain}
              refresh={() => void queries.invalidateQueries({ queryKey: identityProviderQuery.queryKey })}
            />
          )}
        </>
      )}
    </section>
  );
}

function ProviderForm({ view, onDomains }: { view: IdentityProviderView; onDomains: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [confirmed, setConfirmed] = useState(false);
  const [removing, setRemoving] = useState(false);
  const before = view.provider;
  const f = useForm({
    initial: {
      name: before?.name ?? '',
      issuer: before?.issuer ?? '',
      clientId: before?.clientId ?? '',
      secret: '',
      mode: before?.mode ?? 'off',
      emergencyAccount: before?.emergencyAccount ?? '',
      newPeople: before?.newPeople ? 'yes' : '',
      trustsFactors: before?.trustsFactors ? 'yes' : '',
      acrValues: before?.acrValues.join(' ') ?? '',
      code: '',
    },
    check: (v) => ({
      ...(v.name.trim() ? {} : { name: t('settings.idp.missing.name') }),
      ...(v.issuer.trim() ? {} : { issuer: t('settings.idp.missing.issuer') }),
      ...(v.clientId.trim() ? {} : { clientId: t('settings.idp.missing.clientId') }),
      ...(v.secret || before ? {} : { secret: t('settings.idp.missing.secret') }),
      ...(v.mode !== 'required' || v.emergencyAccount
        ? {}
        : { emergencyAccount: t('settings.idp.missing.emergencyAccount') }),
      ...(confirmed || v.code.trim() ? {} : { code: t('settings.idp.codeHint') }),
    }),
    send: (v) =>
      setProvider({
        name: v.name,
        issuer: v.issuer,
        clientId: v.clientId,
        ...(v.secret ? { secret: v.secret } : {}),
        mode: MODES.find((mode) => mode === v.mode) ?? 'off',
        newPeople: v.newPeople !== '',
        trustsFactors: v.trustsFactors !== '',
        acrValues: v.acrValues.split(/\s+/).filter(Boolean),
        ...(v.emergencyAccount ? { emergencyAccount: v.emergencyAccount } : {}),
        revision: before?.revision ?? 0,
        ...(confirmed ? {} : { code: v.code.trim() }),
      }),
    done: (set) => {
      queries.setQueryData(identityProviderQuery.queryKey, set);
      toast.done(t(`settings.idp.saved.${set.provider?.mode ?? 'off'}`));
    },
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('settings.keys.wrongCode') };
    },
  });
  const test = useMutation({
    mutationFn: () =>
      testProvider({
        issuer: f.values.issuer,
        clientId: f.values.clientId,
        ...(f.values.secret ? { secret: f.values.secret } : {}),
      }),
  });
  const proved = view.domains.filter((d) => d.provedAt);
  const ready = f.values.issuer.trim() !== '' && f.values.clientId.trim() !== '';
  return (
    <>
      <form className={`${dialog.form} ${css.idp}`} aria-label={t('settings.idp.provider')} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('settings.idp.name')}
          description={t('settings.idp.nameHint')}
          maxLength={40}
          {...f.field('name')}
        />
        <TextInput
          label={t('settings.idp.issuer')}
          description={t('settings.idp.issuerHint')}
          placeholder="https://login.example.com/realms/main"
          autoComplete="off"
          spellCheck={false}
          {...f.field('issuer')}
        />
        <TextInput
          label={t('settings.idp.clientId')}
          autoComplete="off"
          spellCheck={false}
          {...f.field('clientId')}
        />
        <PasswordInput
          label={t('settings.idp.secret')}
          description={before ? t('settings.idp.secretKept') : t('settings.idp.secretHint')}
          autoComplete="off"
          {...f.field('secret')}
        />
        <div className={css.idpTest}>
          <Button variant="default" loading={test.isPending} disabled={!ready} onClick={() => test.mutate()}>
            {t('settings.idp.test')}
          </Button>
          {test.error && <ProblemNotice problem={test.error} />}
          {test.data && <Checks test={test.data} />}
        </div>
        <div>
          <div className={css.idpLabel} id="idp-mode">
            {t('settings.idp.mode')}
          </div>
          <SegmentedControl
            aria-labelledby="idp-mode"
            size="xs"
            value={f.values.mode}
            onChange={(mode) => f.set('mode', mode)}
            data={MODES.map((value) => ({ value, label: t(`settings.idp.modes.${value}`) }))}
          />
          <p className={css.tie}>{t(`settings.idp.modeText.${f.values.mode}`)}</p>
          {f.values.mode !== 'off' && proved.length === 0 && (
            <p className={css.idpWarn}>
              <IconAlertTriangle size={15} />
              <span>{t('settings.idp.noDomain')}</span>
              <Button variant="default" size="compact-xs" onClick={onDomains}>
                {t('settings.idp.toDomains')}
              </Button>
            </p>
          )}
        </div>
        {f.values.mode === 'required' && (
          <Select
            label={t('settings.idp.emergency')}
            description={t('settings.idp.emergencyHint')}
            data={view.administrators.map((a) => ({ value: a.id, label: a.name }))}
            value={f.values.emergencyAccount || null}
            onChange={(id) => f.set('emergencyAccount', id ?? '')}
            error={f.field('emergencyAccount').error}
          />
        )}
        <Checkbox
          label={t('settings.idp.newPeople')}
          description={t('settings.idp.newPeopleHint')}
          checked={f.values.newPeople !== ''}
          onChange={(e) => f.set('newPeople', e.currentTarget.checked ? 'yes' : '')}
        />
        <Checkbox
          label={t('settings.idp.trusts')}
          description={t('settings.idp.trustsHint')}
          checked={f.values.trustsFactors !== ''}
          onChange={(e) => f.set('trustsFactors', e.currentTarget.checked ? 'yes' : '')}
        />
        {f.values.trustsFactors !== '' && (
          <TextInput
            label={t('settings.idp.acr')}
            description={t('settings.idp.acrHint')}
            autoComplete="off"
            {...f.field('acrValues')}
          />
        )}
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('settings.idp.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          {before && (
            <Button variant="default" onClick={() => setRemoving(true)}>
              {t('settings.idp.remove')}
            </Button>
          )}
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('settings.idp.save')}
          </Button>
        </div>
      </form>
      {removing && (
        <FactorDialog
          title={t('settings.idp.removeTitle')}
          text={t('settings.idp.removeText', { count: view.linked })}
          action={t('settings.idp.remove')}
          destructive
          send={removeProvider}
          onClose={() => setRemoving(false)}
          onDone={() => {
            setRemoving(false);
            toast.done(t('settings.idp.removed'));
            void queries.invalidateQueries({ queryKey: identityProviderQuery.queryKey });
          }}
        />
      )}
    </>
  );
}

function Checks({ test }: { test: ProviderTestView }) {
  const { t } = useTranslation();
  return (
    <ul className={css.idpChecks} aria-label={t('settings.idp.test')}>
      {test.checks.map((check) => (
        <li key={check.part} className={check.right ? css.idpRight : css.idpWrong}>
          {check.right ? <IconCheck size={15} /> : <IconX size={15} />}
          <span>
            <b>{t(`settings.idp.checks.${check.part}`)}</b> {check.detail}
          </span>
        </li>
      ))}
    </ul>
  );
}
