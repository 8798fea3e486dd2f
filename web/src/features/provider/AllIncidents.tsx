import { Select } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { placeOf } from '@/shared/client/customer';
import { rowsOf } from '@/shared/client/query';
import type { CustomerIncidentView } from '@/shared/client/types';
import { age, dateTime } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useNow } from '@/shared/lib/useNow';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { Status } from '@/shared/ui/Status';
import { customersQuery, incidentsQuery } from './api';
import css from './Provider.module.css';

/** What is open at all customers, the gravest first. */
export function AllIncidents() {
  const { t } = useTranslation();
  const now = useNow(30_000);
  const [customer, setCustomer] = useState('');
  const customers = rowsOf(useInfiniteQuery(customersQuery('')).data);
  const list = useInfiniteQuery(incidentsQuery(customer));
  const unread = list.data?.pages[0]?.unread ?? [];
  const columns: Column<CustomerIncidentView>[] = [
    {
      id: 'severity',
      header: t('provider.severity'),
      width: '96px',
      cell: (i) => <Severity value={i.severity} />,
    },
    {
      id: 'title',
      header: t('provider.incident'),
      width: 'minmax(220px, 2fr)',
      cell: (i) => (
        <a className={css.open} href={`${placeOf(i.customerId)}incidents/${i.id}`}>
          {t('provider.incidentOf', { number: i.number, title: i.title })}
        </a>
      ),
    },
    { id: 'customer', header: t('provider.customer'), width: 'minmax(140px, 1fr)', cell: (i) => i.customer },
    { id: 'state', header: t('provider.state'), width: '124px', cell: (i) => <Status value={i.state} /> },
    { id: 'owner', header: t('provider.owner'), width: 'minmax(110px, 0.8fr)', cell: (i) => i.owner ?? '–' },
    {
      id: 'age',
      header: t('provider.age'),
      width: '72px',
      end: true,
      cell: (i) => (
        <time className="num" dateTime={i.openedAt} title={dateTime(i.openedAt)}>
          {age(i.openedAt, now)}
        </time>
      ),
    },
  ];
  return (
    <>
      <div className={css.bar}>
        <Select
          aria-label={t('provider.customer')}
          placeholder={t('provider.every')}
          searchable
          clearable
          value={customer || null}
          data={customers.map((c) => ({ value: c.id, label: c.name }))}
          onChange={(v) => setCustomer(v ?? '')}
        />
      </div>
      {unread.length > 0 && (
        <p className={css.warn} role="status">
          {t('provider.unread', {
            count: unread.length,
            names: unread.map((c) => `${c.name} (${t(`provider.trouble.${c.trouble}`)})`).join(', '),
          })}
        </p>
      )}
      {list.error && (
        <ProblemNotice
          problem={list.error}
          since={list.errorUpdatedAt}
          onRetry={() => void list.refetch()}
          page={!list.data}
        />
      )}
      {list.isPending && <Loading />}
      {list.data && (
        <DataTable
          label={t('provider.tab.incidents')}
          columns={columns}
          rows={rowsOf(list.data)}
          rowId={(i) => `${i.customerId} ${i.id}`}
          minWidth={900}
          empty={
            <EmptyState
              icon={<IconShieldCheck size={22} stroke={1.5} />}
              title={t('provider.quiet')}
              text={t('provider.quietText')}
            />
          }
          more={moreOf(list)}
        />
      )}
    </>
  );
}
