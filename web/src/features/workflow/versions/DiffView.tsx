import { useQuery } from '@tanstack/react-query';
import type { DrawingDiff } from '@/shared/client/types';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { useWords } from '../words';
import { diffQuery } from './api';
import { readable, type Setting, settingsOf, shown } from './diff';
import css from './Versions.module.css';

/** What one version says otherwise than another, or than the draft where `to` is null. */
export function DiffView({
  workflow,
  from,
  to,
  revision,
}: {
  workflow: string;
  from: number | null;
  to: number | null;
  revision: number;
}) {
  const query = useQuery(diffQuery(workflow, from, to, revision));
  if (query.isError) return <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  return <Differences diff={query.data} />;
}

/** Two drawings' differences, whoever worked them out. */
export function Differences({ diff }: { diff: DrawingDiff }) {
  const t = useWords();
  const { nodes, moved } = readable(diff);
  if (nodes.length + diff.edges.length + diff.about.length === 0)
    return <p className={css.text}>{t(moved ? 'versions.onlyMoved' : 'versions.same')}</p>;
  return (
    <ul className={css.diff} aria-label={t('versions.differences')}>
      {diff.about.length > 0 && (
        <li>
          <div className={css.what}>
            <b>{t('versions.about')}</b>
          </div>
          <Values settings={diff.about} />
        </li>
      )}
      {nodes.map((n) => (
        <li key={n.key}>
          <div className={css.what}>
            <span className={css.kind} data-kind={n.change}>
              {t(`versions.kind.${n.change}`)}
            </span>
            <b>{n.name}</b>
            <span className={css.key}>
              {n.type} · <span className="mono">{n.key}</span>
            </span>
          </div>
          <Values settings={settingsOf(n)} />
        </li>
      ))}
      {diff.edges.length > 0 && (
        <li>
          <div className={css.what}>
            <b>{t('versions.edges')}</b>
          </div>
          {diff.edges.map((e) => (
            <div key={`${e.from}:${e.port}>${e.to}`} className={css.what}>
              <span className={css.kind} data-kind={e.change}>
                {t(`versions.kind.${e.change}`)}
              </span>
              <span className="mono">
                {e.from} · {e.port} → {e.to}
              </span>
            </div>
          ))}
        </li>
      )}
      {moved > 0 && <li className={css.text}>{t('versions.moved', { count: moved })}</li>}
    </ul>
  );
}

function Values({ settings }: { settings: Setting[] }) {
  const t = useWords();
  if (settings.length === 0) return null;
  return (
    <table className={css.values}>
      <colgroup>
        <col />
        <col />
        <col />
      </colgroup>
      <thead>
        <tr>
          <th>{t('versions.setting')}</th>
          <th>{t('versions.before')}</th>
          <th>{t('versions.after')}</th>
        </tr>
      </thead>
      <tbody>
        {settings.map((s) => (
          <tr key={s.path}>
            <td className="mono">{s.path}</td>
            <td className="mono">{shown(s.before)}</td>
            <td className="mono">{shown(s.after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
