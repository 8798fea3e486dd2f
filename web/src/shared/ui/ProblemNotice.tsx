import { Button } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/shared/client/http';
import { clock } from '@/shared/lib/format';
import { Denied } from './Denied';
import { EmptyState } from './EmptyState';
import css from './ProblemNotice.module.css';
import { describe } from './problemText';
import { useSaidOnce } from './said';

/**
 * What failed, since when, and a way to try again. `page` fills the region where nothing else is; otherwise it is one line
 * beside what is still shown, and left out where the page says the same already.
 */
export function ProblemNotice({
  problem,
  since,
  onRetry,
  page = false,
}: {
  problem: unknown;
  /** When it was first seen, in ms; for a query its `errorUpdatedAt`. */
  since?: number;
  onRetry?: () => void;
  page?: boolean;
}) {
  const { t } = useTranslation();
  const denied = isProblem(problem) && problem.is('denied');
  const { title, text } = describe(problem, t);
  const { mark, silent, retryAll } = useSaidOnce(denied ? null : `${title} ${text}`, page, onRetry);
  if (denied) return <Denied problem={problem} page={page} />;
  if (silent) return <div ref={mark} hidden />;
  const when = since ? t('ui.since', { time: clock(since) }) : '';
  const retry = onRetry && (
    <Button variant="default" size={page ? 'xs' : 'compact-xs'} onClick={retryAll}>
      {t('ui.retry')}
    </Button>
  );
  // The server serves a page about each kind of problem, except the one that it did not answer at all.
  const about = isProblem(problem) && problem.status > 0 && problem.type.startsWith('/problems/') && (
    <a className={css.about} href={problem.type} target="_blank" rel="noreferrer">
      {t('ui.learnMore')}
    </a>
  );
  if (page) {
    const unreachable = isProblem(problem) && problem.status === 0;
    return (
      <div role="alert" className={css.page} ref={mark}>
        <EmptyState
          icon={
            unreachable ? (
              <IconPlugConnectedX size={22} stroke={1.5} />
            ) : (
              <IconAlertTriangle size={22} stroke={1.5} />
            )
          }
          title={title}
          text={`${text} ${when}`.trim()}
          action={
            <div className={css.actions}>
              {retry}
              {about}
            </div>
          }
        />
      </div>
    );
  }
  return (
    <div role="alert" className={css.line} ref={mark}>
      <IconAlertTriangle size={15} className={css.icon} />
      <span>
        <b>{title}.</b> {text} {when} {about}
      </span>
      {retry}
    </div>
  );
}
