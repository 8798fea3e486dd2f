import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { waitingApprovalsQuery } from '@/shared/client/approvals';
import { dueIn } from '@/shared/lib/format';
import { useLiveTopic } from '@/shared/lib/useLive';
import { useNow } from '@/shared/lib/useNow';
import { Decide } from '@/shared/ui/Decide';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Overview.module.css';

const SHOWN = 5;

export function ApprovalsPanel({ waiting }: { waiting: number }) {
  const { t } = useTranslation();
  const now = useNow(15_000);
  const { data, error, errorUpdatedAt, refetch } = useQuery(waitingApprovalsQuery);
  useLiveTopic('approvals', { invalidates: [['approvals']] });
  return (
    <Panel
      title={t('overview.approvals.title')}
      hint={waiting > SHOWN ? t('overview.approvals.hint', { count: waiting }) : undefined}
      className={css.grow}
      actions={
        <Button component={Link} to="/approvals" variant="subtle" size="compact-xs">
          {t('overview.approvals.all')}
        </Button>
      }
    >
      {error && !data && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} />
      )}
      {!data && !error && <Loading />}
      {data?.items.length === 0 && <p className={css.blank}>{t('overview.approvals.none')}</p>}
      <ul className={css.approvals}>
        {data?.items.slice(0, SHOWN).map((a) => (
          <li key={a.id}>
            <div>
              <Link to="/approvals/$approvalId" params={{ approvalId: a.id }} title={a.title}>
                {a.title}
              </Link>
              <small>
                {a.workflowName}
                {a.dueAt && ` · ${dueIn(a.dueAt, now)}`}
              </small>
            </div>
            <Decide approval={a} compact />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
