import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan, useSession } from '@/shared/client/session';
import { Denied } from '@/shared/ui/Denied';
import { AllCustomers } from './AllCustomers';
import { AllIncidents } from './AllIncidents';
import css from './Provider.module.css';
import { ProviderPeople } from './ProviderPeople';
import { Requests } from './Requests';
import { CUSTOMERS_TABS, type CustomersTab } from './tabs';

/** A provider's customers: how they stand, what is open there, what is asked of them, and who acts there. */
export function CustomersPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab, gone } = useSearch({ from: '/frame/guarded/customers' });
  const { provider, acting } = useSession();
  const manages = useCan('user:manage');
  const acts = provider !== null && provider.role !== null;
  if (provider === null || acting !== null || !(acts || manages)) return <Denied permission="user:manage" />;
  const shown = CUSTOMERS_TABS.filter((one) => (one === 'all' || one === 'incidents' ? acts : manages));
  const at: CustomersTab = tab && shown.includes(tab) ? tab : (shown[0] ?? 'all');
  return (
    <div className={css.page}>
      <header className={css.bar}>
        <h1>{t('provider.title')}</h1>
        <SegmentedControl
          aria-label={t('provider.view')}
          size="xs"
          value={at}
          onChange={(v) => void navigate({ to: '/customers', search: { tab: v as CustomersTab } })}
          data={shown.map((value) => ({ value, label: t(`provider.tab.${value}`) }))}
        />
      </header>
      {gone && (
        <p className={css.warn} role="status">
          {t('provider.gone')}
        </p>
      )}
      {at === 'all' && <AllCustomers />}
      {at === 'incidents' && <AllIncidents />}
      {at === 'requests' && <Requests />}
      {at === 'people' && <ProviderPeople />}
    </div>
  );
}
