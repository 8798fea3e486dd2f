import { Button } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/shared/client/session';
import type { IncidentDetail } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { Attribution, Brand } from '@/shared/ui/Brand';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { incidentQuery } from './api';
import { chronological } from './order';
import css from './Report.module.css';
import { useWords } from './words';

/** An incident on paper, under the company's label: what happened, what was done, what is left. */
export function ReportPage() {
  const t = useWords();
  const { incidentId } = useParams({ strict: false }) as { incidentId: string };
  const query = useQuery(incidentQuery(incidentId));
  if (!query.data)
    return query.isError ? (
      <ProblemNotice
        page
        problem={query.error}
        since={query.errorUpdatedAt}
        onRetry={() => void query.refetch()}
      />
    ) : (
      <Loading />
    );
  return (
    <div className={css.desk}>
      <div className={css.tools}>
        <Button
          variant="default"
          component={Link}
          to="/incidents/$incidentId"
          params={{ incidentId } as never}
        >
          {t('report.back')}
        </Button>
        <Button leftSection={<IconPrinter size={15} />} onClick={() => window.print()}>
          {t('report.print')}
        </Button>
      </div>
      {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
      <Sheet incident={query.data} />
    </div>
  );
}

function Sheet({ incident: i }: { incident: IncidentDetail }) {
  const t = useWords();
  const shared = useTranslation().t;
  const { user, tenant } = useSession();
  const [made] = useState(() => new Date().toISOString());
  const facts: [string, string][] = [
    [t('severity'), shared(`severity.${i.severity}`)],
    [t('state'), shared(`status.${i.state}`)],
    [t('host'), i.host ?? '–'],
    [t('owner'), i.owner?.name ?? t('unassigned')],
    [t('risk'), t('riskOf', { risk: i.risk })],
    [t('opened'), dateTime(i.openedAt)],
    [t('report.lastFinding'), dateTime(i.lastFindingAt)],
    [t('findings'), String(i.findings)],
  ];
  return (
    <article className={css.sheet} aria-label={t('report.title')}>
      <header className={css.label}>
        <Brand size={26} />
        <span className={css.kind}>{t('report.title')}</span>
      </header>
      <h1>
        <span className="mono">INC-{i.number}</span> {i.title}
      </h1>
      {i.summary && <p className={css.summary}>{i.summary}</p>}
      <dl className={css.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {i.techniques.length > 0 && (
        <Part title={t('techniques')}>
          <ul>
            {i.techniques.map((x) => (
              <li key={`${x.id} ${x.tactic}`}>
                <span className="mono">{x.id}</span> {x.name} ({x.tactic.replaceAll('-', ' ')})
              </li>
            ))}
          </ul>
        </Part>
      )}
      {i.runs.length > 0 && (
        <Part title={t('runs')}>
          <ul>
            {i.runs.map((r) => (
              <li key={r.id}>
                {r.workflowName}: {shared(`status.${r.state}`)}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {i.tasks.length > 0 && (
        <Part title={t('tasks')}>
          <ul>
            {i.tasks.map((task) => (
              <li key={task.id}>
                {task.title}: {t(task.state === 'done' ? 'report.done' : 'report.open')}
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={t('timeline')}>
        {i.timeline.length === 0 ? (
          <p>{t('nothingYet')}</p>
        ) : (
          <table className={css.times}>
            <tbody>
              {chronological(i.timeline).map((e) => (
                <tr key={e.id}>
                  <td className="num">{dateTime(e.at)}</td>
                  <td>{t(`kind.${e.kind}`)}</td>
                  <td>{e.actor}</td>
                  <td>{e.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Part>
      <footer className={css.foot}>
        {t('report.made', { at: dateTime(made), by: user?.name ?? '', company: tenant?.name ?? '' })}{' '}
        <Attribution />
      </footer>
    </article>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={css.part} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
