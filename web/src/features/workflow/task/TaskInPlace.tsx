import { useQuery } from '@tanstack/react-query';
import { useLiveTopic } from '@/shared/lib/useLive';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { tasksOfRunQuery } from './api';
import { TaskSheet } from './TaskSheet';

/** The task that a step waits for, done where the run is watched. */
export function TaskInPlace({ runId, step }: { runId: string; step: string }) {
  const query = useQuery(tasksOfRunQuery(runId));
  useLiveTopic('tasks', { invalidates: [['tasks'], ['runs', 'one', runId]] });
  if (query.isError) return <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  const task = query.data.items.find((x) => x.stepKey === step);
  return task ? <TaskSheet id={task.id} /> : null;
}
