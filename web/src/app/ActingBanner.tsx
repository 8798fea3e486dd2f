import { IconBuildingCommunity } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/shared/client/session';
import { dateTime } from '@/shared/lib/format';
import css from './Shell.module.css';

/** Says, on every page, in whose company a provider's person works, and leads back. */
export function ActingBanner() {
  const { t } = useTranslation();
  const { acting, tenant, user } = useSession();
  if (!acting || !tenant || !user) return null;
  return (
    <div className={css.acting} role="status" aria-label={t('acting.banner')}>
      <IconBuildingCommunity size={16} />
      <span>
        {t('acting.in')} <b>{tenant.name}</b>{' '}
        <small>
          {t('acting.as', {
            provider: acting.provider,
            role: t(`role.${user.role}`, user.role),
            until: dateTime(acting.until),
          })}
        </small>
      </span>
      {/* Not a link of the router: the tab leaves the customer, with all that it had read there. */}
      <a href="/customers">{t('acting.back')}</a>
    </div>
  );
}
