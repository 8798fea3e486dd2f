import { Button, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useCan } from '@/shared/client/session';
import { dateShort } from '@/shared/lib/format';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { explanationQuery, latestEventsQuery } from './api';
import css from './Detection.module.css';
import { Explanation } from './Explanation';
import { useWords } from './words';

/** Asks why a rule matches an event of the reader's choice, or does not. */
export function Explain({
  rule,
  event,
  onEvent,
}: {
  rule: string;
  event: string | undefined;
  onEvent: (event: string) => void;
}) {
  const t = useWords();
  const mayReadEvents = useCan('event:read');
  return (
    <section aria-label={t('explain')}>
      <h3>{t('explain')}</h3>
      {mayReadEvents ? (
        <Choice key={event ?? ''} event={event} onEvent={onEvent} />
      ) : (
        <p className={layout.dim}>{t('explainDenied')}</p>
      )}
      {mayReadEvents && event && <Answer rule={rule} event={event} />}
    </section>
  );
}

function Choice({ event, onEvent }: { event: string | undefined; onEvent: (event: string) => void }) {
  const t = useWords();
  const latest = useQuery(latestEventsQuery);
  const [id, setId] = useState(event ?? '');
  const choices = (latest.data?.items ?? []).map((e) => ({
    value: e.id,
    label: `${dateShort(e.occurredAt)} ${e.host ?? ''} ${e.message}`.slice(0, 120),
  }));
  return (
    <div className={css.ask}>
      {latest.isError ? (
        <ProblemNotice problem={latest.error} onRetry={() => void latest.refetch()} />
      ) : (
        <Select
          aria-label={t('explainEvent')}
          placeholder={t(latest.data && choices.length === 0 ? 'explainNoEvents' : 'explainPick')}
          data={choices}
          value={choices.some((c) => c.value === event) ? event : null}
          onChange={(v) => v && onEvent(v)}
          searchable
          comboboxProps={{ withinPortal: true }}
        />
      )}
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (id.trim()) onEvent(id.trim());
        }}
      >
        <TextInput
          aria-label={t('explainId')}
          placeholder={t('explainId')}
          value={id}
          onChange={(e) => setId(e.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!id.trim()}>
          {t('explainAsk')}
        </Button>
      </form>
    </div>
  );
}

function Answer({ rule, event }: { rule: string; event: string }) {
  const query = useQuery(explanationQuery(rule, event));
  if (query.data) return <Explanation of={query.data} />;
  return query.isError ? (
    <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />
  ) : (
    <Loading />
  );
}
