import { ActionIcon, Button } from '@mantine/core';
import { IconClock, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCan } from '@/shared/client/session';
import { age, dateTime } from '@/shared/lib/format';
import { toFilters } from '@/shared/lib/urlFilters';
import { useLiveTopic } from '@/shared/lib/useLive';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { Status } from '@/shared/ui/Status';
import { approvalsOf, findingsOf, incidentQuery } from './api';
import { Comment } from './Comment';
import { Handling } from './Handling';
import css from './IncidentPanel.module.css';
import { Tasks } from './Tasks';
import { Timeline } from './Timeline';
import { useWords } from './words';

/** One incident: what is known, who handles it, what happened in order, and what is left to do. */
export default function IncidentPanel({ id }: { id: string }) {
  const t = useWords();
  const mayWrite = useCan('incident:write');
  const mayReadFindings = useCan('finding:read');
  const mayReadWorkflows = useCan('workflow:read');
  const query = useQuery(incidentQuery(id));
  const findings = useQuery({ ...findingsOf(id), enabled: mayReadFindings });
  const approvals = useQuery({
    ...approvalsOf(id),
    enabled: mayReadWorkflows && query.data?.approvalWaiting === true,
  });
  useLiveTopic('findings', { invalidates: [findingsOf(id).queryKey] });
  useLiveTopic('approvals', { invalidates: [incidentQuery(id).queryKey, approvalsOf(id).queryKey] });
  const i = query.data;
  const waiting = i?.approvalWaiting ? (approvals.data ?? []) : [];
  return (
    <aside className={layout.panel} aria-label={t('detail')}>
      <div className={layout.close}>
        <Link to="/incidents" search={(old: Record<string, unknown>) => old as never} aria-label={t('close')}>
          <ActionIcon component="span">
            <IconX size={16} />
          </ActionIcon>
        </Link>
      </div>
      {!i ? (
        query.isError ? (
          <ProblemNotice
            page
            problem={query.error}
            since={query.errorUpdatedAt}
            onRetry={() => void query.refetch()}
          />
        ) : (
          <Loading />
        )
      ) : (
        <>
          <header className={css.head}>
            <Severity value={i.severity} />
            <span className={`mono ${layout.dim}`}>INC-{i.number}</span>
            <Link
              to="/incidents/$incidentId/report"
              params={{ incidentId: id } as never}
              className={css.report}
            >
              {t('report.link')}
            </Link>
            <h2>{i.title}</h2>
          </header>
          {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
          {waiting.map((a) => (
            <div key={a.id} className={css.waits}>
              <IconClock size={15} aria-hidden="true" />
              <span>
                <b>{t('waitsFor')}</b> {a.title}
              </span>
              <Button
                component={Link}
                to={`/approvals/${a.id}`}
                size="compact-xs"
                aria-label={t('reviewOf', { title: a.title })}
              >
                {t('review')}
              </Button>
            </div>
          ))}
          {i.summary && <p className={css.summary}>{i.summary}</p>}
          <dl className={css.facts}>
            <div>
              <dt>{t('host')}</dt>
              <dd className="mono">{i.host ?? '–'}</dd>
            </div>
            <div>
              <dt>{t('risk')}</dt>
              <dd className="num">{t('riskOf', { risk: i.risk })}</dd>
            </div>
            <div>
              <dt>{t('opened')}</dt>
              <dd className="num" title={dateTime(i.openedAt)}>
                {dateTime(i.openedAt)}
              </dd>
            </div>
            <div>
              <dt>{t('findings')}</dt>
              <dd className="num">
                {mayReadFindings ? (
                  <Link to="/findings" search={toFilters({ incident: id })}>
                    {t('findingsLast', { count: i.findings, age: age(i.lastFindingAt) })}
                  </Link>
                ) : (
                  t('findingsLast', { count: i.findings, age: age(i.lastFindingAt) })
                )}
              </dd>
            </div>
          </dl>
          <Handling incident={i} readOnly={!mayWrite} />
          {i.techniques.length > 0 && (
            <section aria-label={t('techniques')}>
              <h3>{t('techniques')}</h3>
              <ul className={css.techniques}>
                {i.techniques.map((x) => (
                  <li key={`${x.id} ${x.tactic}`}>
                    <span className="mono">{x.id}</span> {x.name}
                    <small>{x.tactic.replaceAll('-', ' ')}</small>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {i.runs.length > 0 && (
            <section aria-label={t('runs')}>
              <h3>{t('runs')}</h3>
              <ul className={css.runs}>
                {i.runs.map((r) => (
                  <li key={r.id}>
                    {mayReadWorkflows ? (
                      <Link to="/runs/$runId" params={{ runId: r.id }}>
                        {r.workflowName}
                      </Link>
                    ) : (
                      r.workflowName
                    )}
                    <Status value={r.state} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <Tasks incident={i} readOnly={!mayWrite} />
          <section aria-label={t('timeline')}>
            <h3>{t('timeline')}</h3>
            {findings.isError && (
              <ProblemNotice problem={findings.error} onRetry={() => void findings.refetch()} />
            )}
            <Timeline entries={i.timeline} findings={findings.data?.items ?? []} />
          </section>
          {mayWrite ? <Comment incidentId={id} /> : <p className={layout.dim}>{t('readOnly')}</p>}
        </>
      )}
    </aside>
  );
}
