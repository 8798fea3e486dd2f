import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { billingQuery } from '@/shared/client/billing';
import { useCan } from '@/shared/client/session';
import { number } from '@/shared/lib/format';
import css from './Shell.module.css';

/** Tells administrators, on every page, which of the plan's limits are near or reached. */
export function PlanBanner() {
  const { t } = useTranslation();
  const { data } = useQuery({ ...billingQuery, enabled: useCan('settings:manage') });
  const near = data?.meters.filter((m) => m.state !== 'ok') ?? [];
  if (near.length === 0) return null;
  return (
    <div className={css.banner} role="status" aria-label={t('plan.banner')}>
      <IconAlertTriangle size={15} />
      <span>
        {near
          .map((m) => t(`plan.${m.state}.${m.meter}`, { used: number(m.used), limit: number(m.limit ?? 0) }))
          .join(' ')}{' '}
        <Link to="/settings/plan">{t('plan.look')}</Link>
      </span>
    </div>
  );
}
