import { ActionIcon, CopyButton, SegmentedControl } from '@mantine/core';
import { IconCheck, IconCopy, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/shared/client/session';
import { dateTime } from '@/shared/lib/format';
import { severityOf } from '@/shared/lib/severity';
import { toFilters } from '@/shared/lib/urlFilters';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { eventQuery } from './api';
import css from './Panel.module.css';
import { useWords } from './words';

/** One event: its normalised record, and the bytes it was read from. */
export function EventPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useWords();
  const shared = useTranslation().t;
  const mayReadFindings = useCan('finding:read');
  const query = useQuery(eventQuery(id));
  const [view, setView] = useState<'ocsf' | 'raw'>('ocsf');
  const e = query.data;
  const text = e ? (view === 'ocsf' ? JSON.stringify(e.ocsf, null, 2) : e.raw) : '';
  return (
    <aside className={layout.panel} aria-label={t('detail')}>
      <ActionIcon className={layout.close} aria-label={t('close')} onClick={onClose}>
        <IconX size={16} />
      </ActionIcon>
      {!e ? (
        query.isError ? (
          <ProblemNotice page problem={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Loading />
        )
      ) : (
        <>
          <header className={layout.head}>
            <Severity value={severityOf(e.severityId)} />
            <h2>{e.parsed ? `${e.className}: ${e.activity}` : t('unparsed')}</h2>
            <p>{e.message}</p>
          </header>
          <dl className={layout.facts}>
            <dt>{t('occurred')}</dt>
            <dd className="num">{dateTime(e.occurredAt)}</dd>
            <dt>{t('received')}</dt>
            <dd className="num">{dateTime(e.receivedAt)}</dd>
            <dt>{t('host')}</dt>
            <dd className="mono">{e.host ?? '–'}</dd>
            <dt>{t('user')}</dt>
            <dd className="mono">{e.user ?? '–'}</dd>
            <dt>{t('source')}</dt>
            <dd>{e.sourceName}</dd>
            <dt>{t('classUid')}</dt>
            <dd className="num">{e.classUid}</dd>
          </dl>
          {e.findings.length > 0 && (
            <section aria-label={t('findings')}>
              <h3>{t('findings')}</h3>
              <ul className={layout.links}>
                {e.findings.map((f) => (
                  <li key={f.id}>
                    {mayReadFindings ? (
                      <Link to="/findings" search={toFilters({ finding: f.id })}>
                        {f.title}
                      </Link>
                    ) : (
                      f.title
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )}
          <div className={css.views}>
            <SegmentedControl
              aria-label={t('record')}
              value={view}
              onChange={(v) => setView(v === 'raw' ? 'raw' : 'ocsf')}
              data={[
                { value: 'ocsf', label: t('ocsf') },
                { value: 'raw', label: t('raw') },
              ]}
            />
            <CopyButton value={text}>
              {({ copied, copy }) => (
                <ActionIcon aria-label={copied ? shared('ui.copied') : shared('ui.copy')} onClick={copy}>
                  {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                </ActionIcon>
              )}
            </CopyButton>
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
          <pre className={`mono ${layout.code}`} data-view={view} tabIndex={0}>
            {text}
          </pre>
        </>
      )}
    </aside>
  );
}
