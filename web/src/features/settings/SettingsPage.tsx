import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { billingQuery } from '@/shared/client/billing';
import { useCan } from '@/shared/client/session';
import css from './Settings.module.css';

export function SettingsPage() {
  const { t } = useTranslation();
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // Which tab is on changes with the path, and where they scroll it may be out of sight.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname]);
  const users = useCan('user:read');
  const simulator = useCan('workflow:read');
  const writes = useCan('workflow:write');
  const manages = useCan('settings:manage');
  const plans = useQuery({ ...billingQuery, enabled: manages }).data?.enabled ?? false;
  const people = useCan('user:manage');
  const tabs = [
    { key: 'sources', to: '/settings/sources' as const, shown: true },
    { key: 'users', to: '/settings/users' as const, shown: users },
    { key: 'roles', to: '/settings/roles' as const, shown: users },
    { key: 'policies', to: '/settings/policies' as const, shown: manages },
    { key: 'keys', to: '/settings/api-keys' as const, shown: true },
    { key: 'applications', to: '/settings/applications' as const, shown: people },
    { key: 'provisioning', to: '/settings/provisioning' as const, shown: people },
    { key: 'sessions', to: '/settings/sessions' as const, shown: manages },
    { key: 'plan', to: '/settings/plan' as const, shown: plans },
    { key: 'workflows', to: '/settings/workflows' as const, shown: simulator },
    { key: 'secrets', to: '/settings/secrets' as const, shown: simulator },
    { key: 'approvals', to: '/settings/approvals' as const, shown: simulator },
    { key: 'connections', to: '/settings/connections' as const, shown: simulator },
    { key: 'bundles', to: '/settings/bundles' as const, shown: writes },
    { key: 'simulator', to: '/settings/simulator' as const, shown: simulator },
  ].filter((tab) => tab.shown);
  return (
    <div className={css.page}>
      <header className={css.bar}>
        <h1>{t('nav.settings')}</h1>
        <nav ref={nav} className={css.tabs} aria-label={t('settings.sections')}>
          {tabs.map((tab) => (
            <Link
              key={tab.key}
              to={tab.to}
              className={css.tab}
              activeProps={{ className: css.on, 'aria-current': 'page' }}
            >
              {t(`settings.${tab.key}.title`)}
            </Link>
          ))}
        </nav>
      </header>
      <Outlet />
    </div>
  );
}
