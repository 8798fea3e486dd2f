import { Link } from '@tanstack/react-router';
import type { RunDetail } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import barCss from '../builder/Builder.module.css';
import { useWords } from '../words';
import css from './RunView.module.css';

/** The version that a run is of; where it was moved, the one that it began in, and what is different there. */
export function VersionChip({ run }: { run: RunDetail }) {
  const t = useWords();
  const first = run.moves[0];
  const last = run.moves.at(-1);
  if (!first || !last) return <span className={barCss.ver}>v{run.version}</span>;
  return (
    <Link
      to="/workflows/$workflowId"
      params={{ workflowId: run.workflowId }}
      search={{ tab: 'versions', from: first.from, to: last.to }}
      className={`${barCss.ver} ${css.moved}`}
      title={t('run.movedTitle', { who: last.by, when: dateTime(last.at), reason: last.reason })}
      aria-label={t('run.moved', { from: first.from, to: last.to })}
    >
      v{first.from} → v{last.to}
    </Link>
  );
}
