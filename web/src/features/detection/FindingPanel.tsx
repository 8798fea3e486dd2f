import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { FindingView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { toFilters } from '@/shared/lib/urlFilters';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { findingExplanationQuery } from './api';
import css from './Detection.module.css';
import { Explanation } from './Explanation';
import { span } from './span';
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
          {finding.correlation ? <Correlated of={finding.correlation} /> : <Why of={finding} />}
          {mayReadRules && mayReadEvents && finding.eventIds.length > 0 && (
            <ExplainFinding key={finding.id} id={finding.id} />
          )}
          <section aria-label={t('events')}>
            <h3>{t('events')}</h3>
            {finding.correlation && (
              <p className={layout.dim}>
                {finding.eventIds.length === 0
                  ? t('noEvents')
                  : t('latestOnly', { count: finding.eventIds.length })}
              </p>
            )}
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

function Why({ of }: { of: FindingView }) {
  const t = useWords();
  return (
    <section aria-label={t('why')}>
      <h3>{t('why')}</h3>
      {of.why.length === 0 ? (
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
            {of.why.map((w) => (
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
  );
}

/** The group, what was counted, and the rules that it was counted from. */
function Correlated({ of }: { of: NonNullable<FindingView['correlation']> }) {
  const t = useWords();
  const mayReadRules = useCan('rule:read');
  return (
    <section aria-label={t('correlated')} className={css.came}>
      <h3>{t('correlated')}</h3>
      <p>
        {t('correlatedText', {
          type: of.type,
          value: of.value,
          condition: of.condition,
          span: span(of.timespanSeconds),
        })}
      </p>
      <dl className={layout.facts}>
        {of.group.map((g) => (
          <Fact key={g.field} name={`${t('groupBy')} ${g.field}`} value={g.value} />
        ))}
        <Fact name={t('window')} value={`${dateTime(of.first)} – ${dateTime(of.last)}`} />
      </dl>
      <h4>{t('parts')}</h4>
      <ul className={layout.links}>
        {of.rules.map((r) => (
          <li key={r.ruleId}>
            {mayReadRules ? (
              <Link to="/rules" search={toFilters({ q: r.ruleId })}>
                {r.title}
              </Link>
            ) : (
              r.title
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="mono">{value}</dd>
    </>
  );
}

function ExplainFinding({ id }: { id: string }) {
  const t = useWords();
  const [asked, setAsked] = useState(false);
  const query = useQuery({ ...findingExplanationQuery(id), enabled: asked });
  if (!asked)
    return (
      <Button variant="default" size="compact-xs" className={css.start} onClick={() => setAsked(true)}>
        {t('explainFinding')}
      </Button>
    );
  if (query.data) return <Explanation of={query.data} />;
  return query.isError ? (
    <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />
  ) : (
    <Loading />
  );
}
