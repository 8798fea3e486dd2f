import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useCan } from '@/shared/client/session';
import type { FindingView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { toFilters } from '@/shared/lib/urlFilters';
import layout from '@/shared/ui/ListDetail.module.css';
import { Severity } from '@/shared/ui/Severity';
import css from './Detection.module.css';
import { useWords } from './words';

/** One finding: which fields of which events made which rule match, and where it went. */
export function FindingPanel({
  finding,
  onClose,
}: {
  /** Undefined when the address names one that is not among those loaded. */
  finding: FindingView | undefined;
  onClose: () => void;
}) {
  const t = useWords();
  const mayReadEvents = useCan('event:read');
  const mayReadRules = useCan('rule:read');
  const mayReadIncidents = useCan('incident:read');
  return (
    <aside className={layout.panel} aria-label={t('findingDetail')}>
      <ActionIcon className={layout.close} aria-label={t('closeFinding')} onClick={onClose}>
        <IconX size={16} />
      </ActionIcon>
      {!finding ? (
        <p className={layout.dim}>{t('notLoaded')}</p>
      ) : (
        <>
          <header className={layout.head}>
            <Severity value={finding.severity} />
            <h2>{finding.title}</h2>
          </header>
          <dl className={layout.facts}>
            <dt>{t('occurred')}</dt>
            <dd className="num">{dateTime(finding.occurredAt)}</dd>
            <dt>{t('raisedAt')}</dt>
            <dd className="num">{dateTime(finding.createdAt)}</dd>
            <dt>{t('host')}</dt>
            <dd className="mono">{finding.host ?? '–'}</dd>
            <dt>{t('user')}</dt>
            <dd className="mono">{finding.user ?? '–'}</dd>
            <dt>{t('rule')}</dt>
            <dd className="mono">
              {mayReadRules ? (
                <Link to="/rules" search={toFilters({ q: finding.ruleId })}>
                  {finding.ruleId}
                </Link>
              ) : (
                finding.ruleId
              )}
            </dd>
            <dt>{t('incident')}</dt>
            <dd>
              {finding.incidentId && mayReadIncidents ? (
                <Link to="/incidents/$incidentId" params={{ incidentId: finding.incidentId }}>
                  {t('openIncident')}
                </Link>
              ) : (
                t(finding.incidentId ? 'partOfOne' : 'partOfNone')
              )}
            </dd>
          </dl>
          {finding.tags.length > 0 && <Tags tags={finding.tags} />}
          <section aria-label={t('why')}>
            <h3>{t('why')}</h3>
            {finding.why.length === 0 ? (
              <p className={layout.dim}>{t('noWhy')}</p>
            ) : (
              <table className={css.why}>
                <thead>
                  <tr>
                    <th scope="col">{t('field')}</th>
                    <th scope="col">{t('value')}</th>
                    <th scope="col">{t('selection')}</th>
                  </tr>
                </thead>
                <tbody className="mono">
                  {finding.why.map((w) => (
                    <tr key={`${w.selection} ${w.field} ${w.value}`}>
                      <td>{w.field}</td>
                      <td>{w.value}</td>
                      <td>{w.selection}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </section>
          <section aria-label={t('events')}>
            <h3>{t('events')}</h3>
            <ul className={layout.links}>
              {finding.eventIds.map((id, i) => (
                <li key={id}>
                  {mayReadEvents ? (
                    <Link to="/events" search={toFilters({ event: id })}>
                      {t('eventOf', { number: i + 1 })}
                    </Link>
                  ) : (
                    t('eventOf', { number: i + 1 })
                  )}
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
    </aside>
  );
}

export function Tags({ tags }: { tags: readonly string[] }) {
  const t = useWords();
  return (
    <ul className={css.tags} aria-label={t('tags')}>
      {tags.map((tag) => (
        <li key={tag} className="mono">
          {tag}
        </li>
      ))}
    </ul>
  );
}
