import { IconSwitchHorizontal } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { clock, dateTime } from '@/shared/lib/format';
import { useWords } from '../words';
import css from './RunMonitor.module.css';
import type { MoveMark } from './timing';

/** That the run was moved to another version, among the steps: when, by whom, why, and what is different there. */
export function MoveRow({ workflow, mark: { move, left } }: { workflow: string; mark: MoveMark }) {
  const t = useWords();
  const version = (number: number) => (
    <Link
      to="/workflows/$workflowId"
      params={{ workflowId: workflow }}
      search={{ tab: 'versions', version: number }}
      aria-label={t('monitor.version', { version: number })}
    >
      v{number}
    </Link>
  );
  const late = left > 50;
  return (
    <li className={css.move}>
      <span className={css.name}>
        <IconSwitchHorizontal size={12} aria-hidden />
        <span>{t('monitor.moved')}</span>
        {version(move.from)}
        <span aria-hidden>→</span>
        {version(move.to)}
      </span>
      <span className={css.when}>
        <i style={{ insetInlineStart: `${left}%` }} aria-hidden />
        <span
          data-late={late || undefined}
          style={late ? { insetInlineEnd: `${100 - left}%` } : { insetInlineStart: `${left}%` }}
        >
          <time dateTime={move.at} title={dateTime(move.at)} className="num">
            {clock(move.at)}
          </time>
          <span>{move.by}</span>
          <span title={move.reason}>{move.reason}</span>
        </span>
      </span>
      <Link
        to="/workflows/$workflowId"
        params={{ workflowId: workflow }}
        search={{ tab: 'versions', from: move.from, to: move.to }}
        aria-label={t('monitor.compareTwo', { from: move.from, to: move.to })}
      >
        {t('monitor.compare')}
      </Link>
    </li>
  );
}
