import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBuildingCommunity } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { placeOf } from '@/shared/client/customer';
import { rowsOf } from '@/shared/client/query';
import type { CustomerView, Severity as Level } from '@/shared/client/types';
import { age, dateTime, number } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useNow } from '@/shared/lib/useNow';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { SeverityIcon } from '@/shared/ui/Severity';
import { customersQuery } from './api';
import css from './Provider.module.css';

const LEVELS: readonly Level[] = ['critical', 'high', 'medium', 'low', 'info'];

/** Every customer with what needs somebody there; who could not be read says so. */
export function AllCustomers() {
  const { t } = useTranslation();
  const now = useNow(30_000);
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 300);
  const list = useInfiniteQuery(customersQuery(q));
  const columns: Column<CustomerView>[] = [
    {
      id: 'name',
      header: t('provider.customer'),
      width: 'minmax(160px, 1.4fr)',
      cell: (c) => (
        // Another company is another page: nothing of this one stays in memory.
        <a className={css.open} href={placeOf(c.id)} aria-label={t('provider.openOf', { name: c.name })}>
          {c.name}
        </a>
      ),
      sort: (c) => c.name,
    },
    {
      id: 'open',
      header: t('provider.open'),
      width: 'minmax(190px, 1.2fr)',
      cell: (c) =>
        c.health ? (
          <Counts open={c.health.open} />
        ) : (
          <span className={css.bad}>{t(`provider.trouble.${c.trouble ?? 'failed'}`)}</span>
        ),
      sort: (c) => (c.health ? LEVELS.reduce((sum, l) => sum * 1000 + (c.health?.open[l] ?? 0), 0) : -1),
    },
    {
      id: 'oldest',
      header: t('provider.oldest'),
      width: '92px',
      end: true,
      cell: (c) =>
        c.health?.oldestOpenAt ? (
          <time className="num" dateTime={c.health.oldestOpenAt} title={dateTime(c.health.oldestOpenAt)}>
            {age(c.health.oldestOpenAt, now)}
          </time>
        ) : (
          '–'
        ),
      sort: (c) => c.health?.oldestOpenAt ?? '~',
    },
    {
      id: 'approvals',
      header: t('provider.approvals'),
      width: '96px',
      end: true,
      cell: (c) => <span className="num">{c.health?.approvalsWaiting ?? '–'}</span>,
      sort: (c) => c.health?.approvalsWaiting ?? -1,
    },
    {
      id: 'sources',
      header: t('provider.sources'),
      width: '150px',
      cell: (c) => {
        const { sources, silentSources } = c.health ?? {};
        if (sources == null || silentSources == null) return '–';
        if (sources === 0) return <span className={css.dim}>{t('provider.noSource')}</span>;
        return silentSources > 0 ? (
          <span className={css.bad}>
            {t('provider.silent', { count: silentSources, of: number(sources) })}
          </span>
        ) : (
          t('provider.allSend', { count: sources })
        );
      },
      sort: (c) => c.health?.silentSources ?? -1,
    },
    {
      id: 'role',
      header: t('provider.role'),
      width: '150px',
      cell: (c) => t(`role.${c.role}`, c.role),
      sort: (c) => c.role,
    },
    {
      id: 'until',
      header: t('provider.until'),
      width: '170px',
      cell: (c) => dateTime(c.until),
      sort: (c) => c.until,
    },
  ];
  return (
    <>
      <div className={css.bar}>
        <TextInput
          aria-label={t('provider.filter')}
          placeholder={t('provider.filter')}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
      </div>
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
          label={t('provider.title')}
          columns={columns}
          rows={rowsOf(list.data)}
          rowId={(c) => c.id}
          minWidth={1060}
          empty={
            <EmptyState
              icon={<IconBuildingCommunity size={22} stroke={1.5} />}
              title={t(q ? 'provider.noneOf' : 'provider.none', { q })}
              text={t('provider.noneText')}
            />
          }
          more={moreOf(list)}
        />
      )}
    </>
  );
}

function Counts({ open }: { open: Record<string, number> }) {
  const { t } = useTranslation();
  const there = LEVELS.filter((level) => open[level]);
  if (there.length === 0) return <span className={css.dim}>{t('provider.nothingOpen')}</span>;
  return (
    <span className={css.counts}>
      {there.map((level) => (
        <span key={level}>
          <SeverityIcon value={level} />
          {t('provider.count', { count: open[level] ?? 0, level: t(`severity.${level}`) })}
        </span>
      ))}
    </span>
  );
}
