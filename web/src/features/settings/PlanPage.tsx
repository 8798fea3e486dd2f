import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconLock, IconReceipt, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { billingQuery } from '@/shared/client/billing';
import { rowsOf } from '@/shared/client/query';
import type { BillingView, EventRetention, Invoice, PlanChoice, PlanMeter } from '@/shared/client/types';
import { date, dateTime, day, money, number } from '@/shared/lib/format';
import { confirm } from '@/shared/ui/confirm';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { changePlan, invoicesQuery } from './api';
import css from './Plan.module.css';
import settings from './Settings.module.css';

const NOTICE_MS = 8 * 86_400_000;

/** What the company is subscribed to, how much of it is used, and what it came to each month. */
export function PlanPage() {
  const { t } = useTranslation();
  const { data, error, errorUpdatedAt, refetch } = useQuery(billingQuery);
  return (
    <section className={settings.section} aria-label={t('settings.plan.title')}>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && !data.enabled && !data.retention && (
        <EmptyState
          icon={<IconReceipt size={22} stroke={1.5} />}
          title={t('settings.plan.none')}
          text={t('settings.plan.noneText')}
        />
      )}
      {data && !data.enabled && data.retention && (
        <div className={css.page}>
          <Retention of={data.retention} />
        </div>
      )}
      {data?.enabled && (
        <>
          <div className={settings.tools}>
            <p>
              {inWords(data, t)} {data.payment && t(`settings.plan.payment.${data.payment}`, data.payment)}
            </p>
          </div>
          <div className={css.page}>
            <Usage meters={data.meters} />
            <Choices billing={data} />
            {data.retention && <Retention of={data.retention} />}
            <Invoices />
          </div>
        </>
      )}
    </section>
  );
}

/** What a plan means that keeps events shorter than the present one; the server says the day with its notice. */
function shorterWith({ plan }: PlanChoice, billing: BillingView): { days: number; on: string } | undefined {
  const now = billing.choices.find((c) => c.current)?.plan.retentionDays;
  if (!plan.retentionDays || (now && plan.retentionDays >= now)) return undefined;
  return { days: plan.retentionDays, on: day(new Date(Date.now() + NOTICE_MS).toISOString()) };
}

type Words = ReturnType<typeof useTranslation>['t'];

function inWords(billing: BillingView, t: Words): string {
  const price = money(billing.monthlyCents, billing.currency);
  if (billing.trialUntil)
    return t('settings.plan.trial', { plan: billing.title, price, until: dateTime(billing.trialUntil) });
  return billing.monthlyCents === 0
    ? t('settings.plan.free', { plan: billing.title })
    : t('settings.plan.paid', { plan: billing.title, price });
}

function Usage({ meters }: { meters: PlanMeter[] }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('settings.plan.usage')} hint={t('settings.plan.usageHint')}>
      <ul className={css.meters}>
        {meters.map((m) => (
          <Meter key={m.meter} meter={m} />
        ))}
      </ul>
    </Panel>
  );
}

const ICONS = { ok: IconCheck, high: IconAlertTriangle, full: IconX };

function Meter({ meter: m }: { meter: PlanMeter }) {
  const { t } = useTranslation();
  const name = t(`settings.plan.meter.${m.meter}`);
  const Icon = ICONS[m.state];
  const share = m.limit ? Math.min(100, Math.round((m.used / m.limit) * 100)) : 0;
  return (
    <li data-state={m.state}>
      <div className={css.what}>
        <b>{name}</b>
        <span className="num">
          {m.limit === null || m.limit === undefined
            ? t('settings.plan.unlimited', { used: number(m.used) })
            : t('settings.plan.of', { used: number(m.used), limit: number(m.limit) })}
        </span>
      </div>
      {m.limit !== null && m.limit !== undefined && (
        <>
          <div
            className={css.bar}
            role="meter"
            aria-label={name}
            aria-valuemin={0}
            aria-valuemax={m.limit}
            aria-valuenow={Math.min(m.used, m.limit)}
          >
            <span style={{ width: `${share}%` }} />
          </div>
          <div className={css.state}>
            <span>
              <Icon size={13} stroke={2.2} />
              {t(`settings.plan.state.${m.state}`, { share })}
            </span>
            {m.resetsAt && <span>{t('settings.plan.resets', { when: dateTime(m.resetsAt) })}</span>}
          </div>
        </>
      )}
      {m.refused > 0 && (
        <p className={css.refused}>
          {t(`settings.plan.refused.${m.meter}`, { count: m.refused, n: number(m.refused) })}
        </p>
      )}
    </li>
  );
}

/** How long events are kept, what goes next and what went. */
function Retention({ of: r }: { of: EventRetention }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('settings.plan.retention.title')} hint={t('settings.plan.retention.hint')}>
      <div className={css.retention}>
        <div className={css.what}>
          <b>
            {r.days
              ? t('settings.plan.retention.days', { count: r.days })
              : t('settings.plan.retention.forEver')}
          </b>
        </div>
        {r.held && (
          <p className={css.notice} role="status">
            <IconLock size={15} stroke={1.8} />
            <span>{t(`settings.plan.retention.held.${r.held}`)}</span>
          </p>
        )}
        {r.nextDays && r.nextOn && r.nextFrom && (
          <p className={css.notice} role="status">
            <IconAlertTriangle size={15} stroke={1.8} />
            <span>
              {t('settings.plan.retention.nextDays', {
                on: day(r.nextOn),
                days: r.nextDays,
                from: day(r.nextFrom),
              })}{' '}
              <Link to="/settings/data">{t('settings.plan.retention.takeOut')}</Link>
            </span>
          </p>
        )}
        {r.keptFrom && <p>{t('settings.plan.retention.from', { day: day(r.keptFrom) })}</p>}
        <p>
          {r.oldest
            ? t('settings.plan.retention.oldest', { day: day(r.oldest) })
            : t('settings.plan.retention.noEvents')}{' '}
          {r.goesOn && t('settings.plan.retention.goesOn', { day: day(r.goesOn) })}
        </p>
        <p className="num">
          {r.lastOn && r.lastBefore
            ? t('settings.plan.retention.removed', {
                count: r.removed,
                n: number(r.removed),
                last: number(r.lastEvents ?? 0),
                on: day(r.lastOn),
                before: day(r.lastBefore),
              })
            : t('settings.plan.retention.noneRemoved')}
        </p>
      </div>
    </Panel>
  );
}

function Choices({ billing }: { billing: BillingView }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: changePlan,
    onSuccess: (now) => {
      queries.setQueryData(billingQuery.queryKey, now);
      toast.done(t('settings.plan.changed', { plan: now.title }));
    },
    onError: toast.failed,
  });
  const ask = async (choice: PlanChoice) => {
    const over = choice.over.map((m) => t(`settings.plan.over.${m}`)).join(' ');
    const shorter = shorterWith(choice, billing);
    const left = billing.choices.find((c) => c.current && !c.offered);
    const yes = await confirm({
      title: t('settings.plan.changeTitle', { plan: choice.plan.title }),
      text: (
        <>
          {t('settings.plan.changeText', {
            price: money(choice.plan.monthlyCents, billing.currency),
            month: money(choice.thisMonthCents, billing.currency),
          })}
          {over && ` ${over}`}
          {shorter && ` ${t('settings.plan.shorter', shorter)}`}
          {left && ` ${t('settings.plan.noWayBack', { plan: left.plan.title })}`}
        </>
      ),
      action: t('settings.plan.change', { plan: choice.plan.title }),
    });
    if (yes) change.mutate(choice.plan.name);
  };
  return (
    <Panel title={t('settings.plan.plans')} hint={t('settings.plan.plansHint')}>
      <ul className={css.plans}>
        {billing.choices.map((c) => (
          <li key={c.plan.name} aria-current={c.current || undefined} aria-label={c.plan.title}>
            <div className={css.what}>
              <b>{c.plan.title}</b>
              <span className="num">
                {t('settings.plan.monthly', { price: money(c.plan.monthlyCents, billing.currency) })}
              </span>
            </div>
            <p>
              {[
                c.plan.users
                  ? t('settings.plan.has.users', { n: number(c.plan.users) })
                  : t('settings.plan.has.anyUsers'),
                c.plan.endpoints
                  ? t('settings.plan.has.endpoints', { n: number(c.plan.endpoints) })
                  : t('settings.plan.has.anyEndpoints'),
                c.plan.eventsPerDay
                  ? t('settings.plan.has.events', { n: number(c.plan.eventsPerDay) })
                  : t('settings.plan.has.anyEvents'),
                c.plan.runsPerMonth
                  ? t('settings.plan.has.runs', { n: number(c.plan.runsPerMonth) })
                  : t('settings.plan.has.anyRuns'),
                c.plan.retentionDays
                  ? t('settings.plan.has.days', { n: number(c.plan.retentionDays) })
                  : t('settings.plan.has.anyDays'),
              ].join(' · ')}
            </p>
            <div className={css.act}>
              <span>
                {t('settings.plan.thisMonth', { price: money(c.thisMonthCents, billing.currency) })}
              </span>
              {c.current ? (
                <span className={css.current}>
                  <IconCheck size={13} stroke={2.2} />
                  {t('settings.plan.current')}
                </span>
              ) : (
                <Button
                  variant="default"
                  size="compact-xs"
                  disabled={change.isPending}
                  onClick={() => void ask(c)}
                >
                  {t('settings.plan.change', { plan: c.plan.title })}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Invoices() {
  const { t } = useTranslation();
  const { data, error, errorUpdatedAt, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery(invoicesQuery);
  const rows = rowsOf(data);
  return (
    <Panel title={t('settings.plan.invoices')} hint={t('settings.plan.invoicesHint')}>
      {error && <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && rows.length === 0 && <p className={css.dim}>{t('settings.plan.noInvoice')}</p>}
      {rows.length > 0 && (
        <ul className={css.invoices}>
          {rows.map((i) => (
            <InvoiceRow key={i.id} invoice={i} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button
          variant="subtle"
          size="compact-xs"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {t('ui.loadMore')}
        </Button>
      )}
    </Panel>
  );
}

function InvoiceRow({ invoice: i }: { invoice: Invoice }) {
  const { t } = useTranslation();
  const file = `/api/v1/billing/invoices/${i.id}`;
  return (
    <li>
      <b>{i.number}</b>
      <span>{t('settings.plan.month', { month: i.month, issued: date(i.issuedAt) })}</span>
      <span className="num">{money(i.totalCents, i.currency)}</span>
      <span className={css.files}>
        <a href={file} download={`invoice-${i.number}.json`} aria-label={`${i.number} JSON`}>
          JSON
        </a>
        <a href={`${file}/csv`} download={`invoice-${i.number}.csv`} aria-label={`${i.number} CSV`}>
          CSV
        </a>
      </span>
    </li>
  );
}
