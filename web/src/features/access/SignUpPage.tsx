import { Button, PasswordInput, Radio, TextInput } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { useSession } from '@/shared/client/session';
import type { PlanOffer } from '@/shared/client/types';
import { money, number } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { missing } from './checks';
import { SubmitButton } from './SubmitButton';

const offersQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: ({ signal }) => http.get('/plans', { signal }),
});

export function SignUpPage() {
  const { t } = useTranslation();
  const { developer } = useSession();
  const { data: offers } = useQuery(offersQuery);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const f = useForm({
    initial: { company: '', name: '', email: '', password: '', plan: '' },
    check: ({ plan: _, ...v }) => missing(v, t),
    send: ({ plan, ...v }) => http.post('/sign-up', plan ? { ...v, plan } : v),
    done: (_, v) => setSentTo(v.email),
  });
  const foot = <Trans i18nKey="access.signUp.foot" components={{ a: <Link to="/sign-in" /> }} />;
  if (sentTo)
    return (
      <AccessFrame
        title={t('access.signUp.sent')}
        text={t('access.signUp.sentText', { email: sentTo })}
        foot={foot}
      >
        <div className={css.row}>
          {developer && (
            <Button component={Link} to="/mailbox">
              {t('access.openMailbox')}
            </Button>
          )}
          <Button variant="default" onClick={() => setSentTo(null)}>
            {t('access.signUp.again')}
          </Button>
        </div>
      </AccessFrame>
    );
  return (
    <AccessFrame title={t('access.signUp.title')} text={t('access.signUp.text')} foot={foot}>
      <form className={css.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('access.company')}
          autoComplete="organization"
          size="sm"
          data-autofocus
          {...f.field('company')}
        />
        <TextInput label={t('access.name')} autoComplete="name" size="sm" {...f.field('name')} />
        <TextInput
          label={t('access.email')}
          type="email"
          autoComplete="email"
          size="sm"
          {...f.field('email')}
        />
        <PasswordInput
          label={t('access.password')}
          description={t('access.passwordHint')}
          autoComplete="new-password"
          size="sm"
          {...f.field('password')}
        />
        {offers && offers.plans.length > 0 && (
          <Radio.Group
            label={t('access.signUp.plan')}
            description={
              offers.trialDays > 0
                ? t('access.signUp.planHint', { days: offers.trialDays })
                : t('access.signUp.planHintNoTrial')
            }
            value={f.values.plan || (offers.plans[0]?.name ?? '')}
            onChange={(plan) => f.set('plan', plan)}
          >
            <div className={css.plans}>
              {offers.plans.map((plan) => (
                <Radio
                  key={plan.name}
                  value={plan.name}
                  label={t('access.signUp.price', {
                    plan: plan.title,
                    price: money(plan.monthlyCents, offers.currency),
                  })}
                  description={inWords(plan, t)}
                />
              ))}
            </div>
          </Radio.Group>
        )}
        <SubmitButton label={t('access.signUp.submit')} busy={f.busy} wait={f.wait} />
      </form>
    </AccessFrame>
  );
}

function inWords(plan: PlanOffer, t: ReturnType<typeof useTranslation>['t']): string {
  const parts = [
    plan.users && t('access.signUp.users', { n: number(plan.users) }),
    plan.endpoints && t('access.signUp.endpoints', { n: number(plan.endpoints) }),
    plan.eventsPerDay && t('access.signUp.events', { n: number(plan.eventsPerDay) }),
    plan.runsPerMonth && t('access.signUp.runs', { n: number(plan.runsPerMonth) }),
    plan.retentionDays && t('access.signUp.days', { n: number(plan.retentionDays) }),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(' · ') : t('access.signUp.noLimits');
}
