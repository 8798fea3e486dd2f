import { Button, Checkbox, FileButton, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconCheck, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lookQuery } from '@/shared/client/look';
import type { BrandingView, ColourView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { confirm } from '@/shared/ui/confirm';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import {
  addHost,
  brandingQuery,
  chooseProviderLabel,
  coloursQuery,
  leaveProviderLabel,
  proveHost,
  removeBranding,
  removeHost,
  removeLogo,
  setBranding,
  setLogo,
} from './api';
import own from './Branding.module.css';
import { ProvedNames } from './ProvedNames';
import css from './Settings.module.css';

type Part = 'label' | 'addresses';
const HEX = /^#?[0-9a-f]{6}$/i;

/** What the product is called and how it looks to the company's people. */
export function BrandingPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(brandingQuery);
  const [part, setPart] = useState<Part>('label');
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: brandingQuery.queryKey, exact: true });
    void queries.invalidateQueries({ queryKey: lookQuery.queryKey });
  };
  return (
    <section className={css.section} aria-label={t('settings.branding.title')}>
      <div className={css.tools}>
        <p>{t('settings.branding.text')}</p>
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <>
          <div className={css.tools}>
            <SegmentedControl
              aria-label={t('settings.branding.view')}
              size="xs"
              value={part}
              onChange={(v) => setPart(v as Part)}
              data={(['label', 'addresses'] as const).map((value) => ({
                value,
                label: t(`settings.branding.${value}`),
              }))}
            />
          </div>
          {part === 'label' ? (
            <div className={css.scroll}>
              <div className={own.page}>
                <LabelForm key={data.brand?.revision ?? 0} view={data} refresh={refresh} />
                <div className={own.side}>
                  <Logo view={data} refresh={refresh} />
                  {data.labels.length > 0 && <ProviderLabels view={data} refresh={refresh} />}
                </div>
              </div>
            </div>
          ) : (
            <ProvedNames
              words="settings.branding.hosts"
              missing={t('settings.branding.hosts.missingDomain')}
              field="host"
              rows={data.hosts.map((h) => ({ name: h.host, ...h }))}
              prove={proveHost}
              add={(v, host) => addHost({ ...v, host })}
              remove={removeHost}
              refresh={refresh}
            />
          )}
        </>
      )}
    </section>
  );
}

function LabelForm({ view, refresh }: { view: BrandingView; refresh: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const before = view.brand;
  const remove = useMutation({
    mutationFn: removeBranding,
    onSuccess: () => {
      toast.done(t('settings.branding.removed'));
      refresh();
    },
    onError: (e) => toast.failed(e),
  });
  const askToRemove = async () => {
    const sure = await confirm({
      title: t('settings.branding.removeTitle'),
      text: t('settings.branding.removeText'),
      action: t('settings.branding.remove'),
      destructive: true,
    });
    if (sure) remove.mutate();
  };
  const colour = (text: string) =>
    text && !HEX.test(text.trim()) ? t('settings.branding.wrongColour') : undefined;
  const f = useForm({
    initial: {
      name: before?.name ?? '',
      accentLight: before?.accentLight ?? '',
      accentDark: before?.accentDark ?? '',
      senderName: before?.senderName ?? '',
      senderAddress: before?.senderAddress ?? '',
      footer: before?.footer ?? '',
      forCustomers: before?.forCustomers ? 'yes' : '',
    },
    check: (v) => {
      const one = !v.accentLight !== !v.accentDark;
      const accents = (['accentLight', 'accentDark'] as const).flatMap((name) => {
        const alone = one && !v[name] ? t('settings.branding.bothColours') : undefined;
        const wrong = colour(v[name]) ?? alone;
        return wrong ? [[name, wrong]] : [];
      });
      return {
        ...(v.name.trim() ? {} : { name: t('settings.branding.missingName') }),
        ...Object.fromEntries(accents),
      };
    },
    send: (v) =>
      setBranding({
        name: v.name,
        ...(v.accentLight ? { accentLight: v.accentLight.trim() } : {}),
        ...(v.accentDark ? { accentDark: v.accentDark.trim() } : {}),
        ...(v.senderName.trim() ? { senderName: v.senderName } : {}),
        ...(v.senderAddress.trim() ? { senderAddress: v.senderAddress.trim() } : {}),
        ...(v.footer.trim() ? { footer: v.footer } : {}),
        forCustomers: v.forCustomers !== '',
        revision: before?.revision ?? 0,
      }),
    done: (set) => {
      queries.setQueryData(brandingQuery.queryKey, set);
      void queries.invalidateQueries({ queryKey: lookQuery.queryKey });
      toast.done(t('settings.branding.saved'));
    },
  });
  const [asked] = useDebouncedValue(`${f.values.accentLight} ${f.values.accentDark}`, 250);
  const [light = '', dark = ''] = asked.split(' ');
  const colours = useQuery({
    ...coloursQuery(HEX.test(light) ? light : OWN.accentLight, HEX.test(dark) ? dark : OWN.accentDark),
    enabled: HEX.test(light) || HEX.test(dark),
    placeholderData: (last) => last,
  }).data;
  let sender = 'senderHint';
  if (before?.senderAddress && before.senderAddress === f.values.senderAddress.trim())
    sender = before.fromProved ? 'senderFrom' : 'senderReply';
  return (
    <form className={dialog.form} aria-label={t('settings.branding.label')} {...f.form}>
      {f.problem !== null && <ProblemNotice problem={f.problem} />}
      <TextInput
        label={t('settings.branding.name')}
        description={t('settings.branding.nameHint')}
        maxLength={40}
        autoComplete="off"
        {...f.field('name')}
      />
      <fieldset className={own.part}>
        <legend>{t('settings.branding.accent')}</legend>
        <p className={css.tie}>{t('settings.branding.accentHint')}</p>
        <div className={own.pair}>
          {(['accentLight', 'accentDark'] as const).map((name) => (
            <div key={name}>
              <TextInput
                label={t(`settings.branding.${name}`)}
                placeholder={OWN[name]}
                maxLength={7}
                autoComplete="off"
                spellCheck={false}
                className={own.hex ?? ''}
                leftSection={
                  <input
                    type="color"
                    className={own.pick}
                    aria-label={t(`settings.branding.pick.${name}`)}
                    value={HEX.test(f.values[name]) ? hashed(f.values[name]) : OWN[name]}
                    onChange={(e) => f.set(name, e.currentTarget.value)}
                  />
                }
                {...f.field(name)}
              />
              {HEX.test(f.values[name]) && (
                <Verdict
                  colour={name === 'accentLight' ? colours?.light : colours?.dark}
                  of={hashed(f.values[name])}
                  onTake={(nearest) => f.set(name, nearest)}
                />
              )}
            </div>
          ))}
        </div>
      </fieldset>
      <fieldset className={own.part}>
        <legend>{t('settings.branding.mail')}</legend>
        <TextInput
          label={t('settings.branding.senderName')}
          description={t('settings.branding.senderNameHint')}
          maxLength={40}
          autoComplete="off"
          {...f.field('senderName')}
        />
        <TextInput
          label={t('settings.branding.senderAddress')}
          description={t(`settings.branding.${sender}`)}
          autoComplete="off"
          {...f.field('senderAddress')}
        />
        <TextInput
          label={t('settings.branding.footer')}
          description={t('settings.branding.footerHint')}
          maxLength={200}
          autoComplete="off"
          {...f.field('footer')}
        />
      </fieldset>
      {view.provider && (
        <Checkbox
          label={t('settings.branding.forCustomers')}
          description={t('settings.branding.forCustomersHint')}
          checked={f.values.forCustomers !== ''}
          onChange={(e) => f.set('forCustomers', e.currentTarget.checked ? 'yes' : '')}
        />
      )}
      <div className={dialog.buttons}>
        {before && (
          <Button variant="default" loading={remove.isPending} onClick={() => void askToRemove()}>
            {t('settings.branding.remove')}
          </Button>
        )}
        <Button type="submit" loading={f.busy}>
          {t('settings.branding.save')}
        </Button>
      </div>
    </form>
  );
}

/** The product's own, for where nothing is typed (shared/theme/tokens.css). */
const OWN = { accentLight: '#3d57d4', accentDark: '#7d95ff' };
const hashed = (hex: string) => `#${hex.replace('#', '').toLowerCase()}`;

/** Whether a colour can be read, and which one could. */
function Verdict({
  colour,
  of,
  onTake,
}: {
  colour: ColourView | undefined;
  of: string;
  onTake: (nearest: string) => void;
}) {
  const { t } = useTranslation();
  if (!colour || colour.colour !== of) return <p className={own.verdict} />;
  if (colour.passes || !colour.nearest)
    return (
      <p className={own.verdict}>
        <IconCheck size={15} className={own.right} />
        {t('settings.branding.passes')}
      </p>
    );
  const { nearest } = colour;
  return (
    <p className={own.verdict} role="status">
      <IconAlertTriangle size={15} className={own.wrong} />
      <span>{t('settings.branding.fails', { contrast: colour.contrast, on: colour.on })}</span>
      <Button variant="default" size="compact-xs" onClick={() => onTake(nearest)}>
        {t('settings.branding.take', { colour: nearest })}
      </Button>
    </p>
  );
}

function Logo({ view: { brand }, refresh }: { view: BrandingView; refresh: () => void }) {
  const { t } = useTranslation();
  const set = useMutation({
    mutationFn: setLogo,
    onSuccess: () => {
      toast.done(t('settings.branding.logoSet'));
      refresh();
    },
  });
  const remove = useMutation({
    mutationFn: removeLogo,
    onSuccess: () => {
      set.reset();
      toast.done(t('settings.branding.logoRemoved'));
      refresh();
    },
    onError: (e) => toast.failed(e),
  });
  return (
    <section className={own.panel} aria-label={t('settings.branding.logo')}>
      <h2>{t('settings.branding.logo')}</h2>
      <p className={css.tie}>{brand ? t('settings.branding.logoHint') : t('settings.branding.logoFirst')}</p>
      {set.error && <ProblemNotice problem={set.error} />}
      {brand?.logo && (
        <div className={own.grounds}>
          {(['light', 'dark'] as const).map((ground) => (
            <figure key={ground} className={own[ground]}>
              <img src={brand.logo ?? ''} alt={t(`settings.branding.logoOn.${ground}`)} height={32} />
            </figure>
          ))}
        </div>
      )}
      {set.data && set.data.leftOut.length > 0 && (
        <p className={css.tie}>{t('settings.branding.leftOut', { parts: set.data.leftOut.join(', ') })}</p>
      )}
      {brand && (
        <div className={own.buttons}>
          <FileButton accept="image/png,image/svg+xml" onChange={(file) => file && set.mutate(file)}>
            {(props) => (
              <Button
                {...props}
                variant="default"
                leftSection={<IconUpload size={14} />}
                loading={set.isPending}
              >
                {t('settings.branding.chooseLogo')}
              </Button>
            )}
          </FileButton>
          {brand.logo && (
            <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('settings.branding.removeLogo')}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function ProviderLabels({ view, refresh }: { view: BrandingView; refresh: () => void }) {
  const { t } = useTranslation();
  const change = useMutation({
    mutationFn: ({ provider, chosen }: { provider: string; chosen: boolean; name: string }) =>
      chosen ? leaveProviderLabel() : chooseProviderLabel(provider),
    onSuccess: (_, { chosen, name }) => {
      toast.done(chosen ? t('settings.branding.left') : t('settings.branding.chosen', { name }));
      refresh();
    },
    onError: (e) => {
      toast.failed(e);
      refresh();
    },
  });
  return (
    <section className={own.panel} aria-label={t('settings.branding.providers')}>
      <h2>{t('settings.branding.providers')}</h2>
      <p className={css.tie}>{t('settings.branding.providersText')}</p>
      {view.brand && <p className={css.tie}>{t('settings.branding.providersOwn')}</p>}
      <ul className={own.labels}>
        {view.labels.map((label) => (
          <li key={label.provider}>
            <span>{t('settings.branding.providerRow', { ...label, until: dateTime(label.until) })}</span>
            <Button
              variant="default"
              size="compact-xs"
              loading={change.isPending && change.variables.provider === label.provider}
              aria-label={t(label.chosen ? 'settings.branding.leaveOf' : 'settings.branding.useOf', {
                name: label.name,
              })}
              onClick={() => change.mutate(label)}
            >
              {t(label.chosen ? 'settings.branding.leave' : 'settings.branding.use')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
