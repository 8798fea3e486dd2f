import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { billingQuery } from '@/shared/client/billing';
import { useCan, useSession } from '@/shared/client/session';
import css from './Settings.module.css';

export function SettingsPage() {
  const { t } = useTranslation();
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // Which section is on changes with the path, and where they scroll it may be out of sight.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname]);
  const users = useCan('user:read');
  const simulator = useCan('workflow:read');
  const writes = useCan('workflow:write');
  const manages = useCan('settings:manage');
  const billing = useQuery({ ...billingQuery, enabled: manages }).data;
  const plans = Boolean(billing?.enabled || billing?.retention);
  const people = useCan('user:manage');
  const { acting, provider } = useSession();
  const groups = [
    {
      name: 'company',
      sections: [
        { key: 'sources', to: '/settings/sources' as const, shown: true },
        { key: 'plan', to: '/settings/plan' as const, shown: plans },
        { key: 'branding', to: '/settings/branding' as const, shown: manages },
        { key: 'data', to: '/settings/data' as const, shown: manages },
      ],
    },
    {
      name: 'people',
      sections: [
        { key: 'users', to: '/settings/users' as const, shown: users },
        { key: 'roles', to: '/settings/roles' as const, shown: users },
        { key: 'policies', to: '/settings/policies' as const, shown: manages },
        { key: 'sessions', to: '/settings/sessions' as const, shown: manages },
        { key: 'idp', to: '/settings/identity-provider' as const, shown: manages },
        { key: 'provisioning', to: '/settings/provisioning' as const, shown: people },
        { key: 'providers', to: '/settings/providers' as const, shown: people && provider === null },
      ],
    },
    {
      name: 'programs',
      sections: [
        { key: 'keys', to: '/settings/api-keys' as const, shown: acting === null },
        { key: 'applications', to: '/settings/applications' as const, shown: people },
      ],
    },
    {
      name: 'automation',
      sections: [
        { key: 'workflows', to: '/settings/workflows' as const, shown: simulator },
        { key: 'secrets', to: '/settings/secrets' as const, shown: simulator },
        { key: 'approvals', to: '/settings/approvals' as const, shown: simulator },
        { key: 'connections', to: '/settings/connections' as const, shown: simulator },
        { key: 'bundles', to: '/settings/bundles' as const, shown: writes },
        { key: 'simulator', to: '/settings/simulator' as const, shown: simulator },
      ],
    },
  ].map(({ name, sections }) => ({ name, sections: sections.filter((section) => section.shown) }));
  return (
    <div className={css.page}>
      <div className={css.side}>
        <h1>{t('nav.settings')}</h1>
        <nav ref={nav} aria-label={t('settings.sections')}>
          {groups
            .filter(({ sections }) => sections.length > 0)
            .map(({ name, sections }) => (
              <div key={name} className={css.group}>
                <h2>{t(`settings.groups.${name}`)}</h2>
                {sections.map((section) => (
                  <Link
                    key={section.key}
                    to={section.to}
                    className={css.entry}
                    activeProps={{ className: css.on, 'aria-current': 'page' }}
                  >
                    {t(`settings.${section.key}.title`)}
                  </Link>
                ))}
              </div>
            ))}
        </nav>
      </div>
      <div className={css.content}>
        <Outlet />
      </div>
    </div>
  );
}
