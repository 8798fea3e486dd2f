import { Button } from '@mantine/core';
import { IconBolt } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCan } from '@/shared/client/session';
import type { WorkflowDetail } from '@/shared/client/types';
import { confirm } from '@/shared/ui/confirm';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { publishWorkflow, workflowQuery } from '../api';
import { useWords } from '../words';
import { archiveWorkflow, triggersQuery } from './api';
import { Limits } from './Limits';
import { TriggerPanel } from './TriggerPanel';
import css from './Triggers.module.css';

/** What starts the published version, how often it did, and how many runs there may be. */
export default function TriggersTab({ workflow }: { workflow: WorkflowDetail }) {
  const t = useWords();
  const mayPublish = useCan('workflow:publish');
  const queries = useQueryClient();
  const changed = (now: WorkflowDetail) => {
    queries.setQueryData(workflowQuery(workflow.id).queryKey, now);
    void queries.invalidateQueries({ queryKey: ['workflows'] });
  };
  const archive = useMutation({
    mutationFn: () => archiveWorkflow(workflow.id),
    onSuccess: changed,
    onError: toast.failed,
  });
  const back = useMutation({
    mutationFn: () => publishWorkflow(workflow.id),
    onSuccess: changed,
    onError: toast.failed,
  });
  const askArchive = async () => {
    if (
      await confirm({
        title: t('triggers.archiveTitle', { name: workflow.name }),
        text: t('triggers.archiveText'),
        action: t('triggers.archiveAction', { name: workflow.name }),
        destructive: true,
      })
    )
      archive.mutate();
  };
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
        {mayPublish && workflow.state === 'published' && (
          <div className={css.row}>
            <span>{t('triggers.archiveText')}</span>
            <Button
              variant="default"
              size="compact-sm"
              loading={archive.isPending}
              onClick={() => void askArchive()}
            >
              {t('triggers.archive')}
            </Button>
          </div>
        )}
        {mayPublish && workflow.state === 'archived' && (
          <div className={css.row}>
            <span>{t('triggers.backText')}</span>
            <Button
              variant="default"
              size="compact-sm"
              loading={back.isPending}
              onClick={() => back.mutate()}
            >
              {t('triggers.back')}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
