import { IconBolt } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { WorkflowDetail } from '@/shared/client/types';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { useWords } from '../words';
import { triggersQuery } from './api';
import { Limits } from './Limits';
import { TriggerPanel } from './TriggerPanel';
import css from './Triggers.module.css';

/** What starts the published version, how often it did, and how many runs there may be. */
export default function TriggersTab({ workflow }: { workflow: WorkflowDetail }) {
  const t = useWords();
  // Counts move by themselves; nothing is pushed for them.
  const query = useQuery({ ...triggersQuery(workflow.id), refetchInterval: 10_000 });
  if (query.isError && !query.data)
    return <ProblemNotice page problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  return (
    <div className={css.main}>
      <div className={css.list}>
        {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
        {query.data.items.length === 0 ? (
          <EmptyState
            icon={<IconBolt size={22} stroke={1.5} />}
            title={t('triggers.empty')}
            text={t(workflow.state === 'archived' ? 'triggers.emptyArchived' : 'triggers.emptyText')}
          />
        ) : (
          query.data.items.map((trigger) => (
            <TriggerPanel key={trigger.node} workflow={workflow} trigger={trigger} />
          ))
        )}
        <Limits workflow={workflow} />
      </div>
    </div>
  );
}
