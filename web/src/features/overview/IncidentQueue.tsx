import { Table, Tooltip } from '@mantine/core';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import type { IncidentView, Page } from '@/shared/client/types';
import { age, dateTime } from '@/shared/lib/format';
import { useLiveTopic } from '@/shared/lib/useLive';
import { useNow } from '@/shared/lib/useNow';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { Status } from '@/shared/ui/Status';
import css from './Overview.module.css';
import { mergeQueue, QUEUE_LENGTH } from './queue';

const queueQuery = queryOptions({
  queryKey: ['incidents', 'queue'],
  queryFn: ({ signal }) => http.get('/incidents', { query: { limit: 200 }, signal }),
});

/** The open incidents of highest risk; changes come over the live connection and need no request. */
export function IncidentQueue() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const now = useNow(30_000);
  const { data, error, errorUpdatedAt, refetch } = useQuery(queueQuery);
  useLiveTopic('incidents', {
    onMessages: (messages) => {
      const changed = messages.flatMap((m) =>
        m.type === 'incident.opened' || m.type === 'incident.changed' ? [m.data] : [],
      );
      queries.setQueryData<Page<IncidentView>>(queueQuery.queryKey, (page) =>
        page ? { ...page, items: mergeQueue(page.items, changed) } : page,
      );
    },
    onResync: () => void refetch(),
  });
  if (error && !data)
    return (
      <div className={css.pad}>
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} />
      </div>
    );
  if (!data) return <Loading />;
  const rows = mergeQueue(data.items, []).slice(0, QUEUE_LENGTH);
  if (rows.length === 0) return <p className={css.blank}>{t('overview.queue.none')}</p>;
  return (
    <Table className={css.table} stickyHeader layout="fixed" horizontalSpacing={8}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={90}>{t('overview.queue.severity')}</Table.Th>
          <Table.Th>{t('overview.queue.incident')}</Table.Th>
          <Table.Th w={96}>{t('overview.queue.host')}</Table.Th>
          <Table.Th w={112}>{t('overview.queue.state')}</Table.Th>
          <Table.Th w={88}>{t('overview.queue.owner')}</Table.Th>
          <Table.Th w={42} ta="right">
            {t('overview.queue.risk')}
          </Table.Th>
          <Table.Th w={52} ta="right">
            {t('overview.queue.age')}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((i) => (
          <Table.Tr
            key={i.id}
            className={css.rowLink}
            onClick={() => void navigate({ to: '/incidents/$incidentId', params: { incidentId: i.id } })}
          >
            <Table.Td>
              <Severity value={i.severity} />
            </Table.Td>
            <Table.Td>
              <Link
                to="/incidents/$incidentId"
                params={{ incidentId: i.id }}
                className={css.inc}
                title={i.title}
              >
                {i.title}
              </Link>
            </Table.Td>
            <Table.Td>
              {i.host ? <span className="mono">{i.host}</span> : <span className={css.dim}>–</span>}
            </Table.Td>
            <Table.Td>
              <Status value={i.approvalWaiting ? 'waiting' : i.state} />
            </Table.Td>
            <Table.Td>
              {i.owner?.name ?? <span className={css.dim}>{t('overview.queue.nobody')}</span>}
            </Table.Td>
            <Table.Td ta="right" className="num">
              {i.risk}
            </Table.Td>
            <Table.Td ta="right" className={`num ${css.dim}`}>
              <Tooltip label={dateTime(i.openedAt)}>
                <span>{age(i.openedAt, now)}</span>
              </Tooltip>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
