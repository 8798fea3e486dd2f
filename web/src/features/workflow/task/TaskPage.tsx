import { Link, useParams } from '@tanstack/react-router';
import { useLiveTopic } from '@/shared/lib/useLive';
import css from '../approval/Approval.module.css';
import { useWords } from '../words';
import { TaskSheet } from './TaskSheet';

/** Where the mailed link leads. Opening it does nothing: only a button on it does. */
export function TaskPage() {
  const t = useWords();
  const { taskId } = useParams({ strict: false }) as { taskId: string };
  useLiveTopic('tasks', { invalidates: [['tasks']] });
  return (
    <div className={css.alone}>
      <div className={css.sheet}>
        <TaskSheet id={taskId} />
        <p>
          <Link to="/tasks">{t('tasks.all')}</Link>
        </p>
      </div>
    </div>
  );
}
