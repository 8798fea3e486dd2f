import { Button, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { WorkflowDetail } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { workflowQuery } from '../api';
import { useWords } from '../words';
import { askReview, decideReview, standingQuery, withdrawReview } from './api';
import { DiffView } from './DiffView';
import css from './Versions.module.css';

/** The draft on its way to being published by a second person: asked for, looked at, decided. */
export function ReviewPanel({ workflow, dirty }: { workflow: WorkflowDetail; dirty: boolean }) {
  const t = useWords();
  const mayWrite = useCan('workflow:write');
  const mayPublish = useCan('workflow:publish');
  const queries = useQueryClient();
  const [note, setNote] = useState('');
  const query = useQuery(standingQuery(workflow.id));
  const again = async () => {
    await queries.invalidateQueries({ queryKey: ['workflows'] });
    await queries.invalidateQueries({ queryKey: workflowQuery(workflow.id).queryKey });
    setNote('');
  };
  const ask = useMutation({
    mutationFn: () => askReview(workflow.id, workflow.revision, note),
    onSuccess: again,
  });
  const decide = useMutation({
    mutationFn: ({ id, hash, verdict }: { id: string; hash: string; verdict: 'publish' | 'refuse' }) =>
      decideReview(id, verdict, hash, note),
    onSuccess: async (r) => {
      await again();
      toast.done(t(r.state === 'published' ? 'versions.decided.published' : 'versions.decided.refused'));
    },
    onError: () => void queries.invalidateQueries({ queryKey: standingQuery(workflow.id).queryKey }),
  });
  const withdraw = useMutation({ mutationFn: withdrawReview, onSuccess: again, onError: toast.failed });
  if (query.isError) return <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  const { review, fourEyes, mine, editors } = query.data;
  if (!review && !workflow.draftChanged) return null;
  const failed = decide.error ?? ask.error;
  return (
    <Panel
      title={t('versions.review')}
      hint={
        editors.length > 0 ? t('versions.editors', { names: editors.join(', ') }) : t('versions.noEditors')
      }
    >
      <div className={css.stack}>
        {review ? (
          <>
            <p className={css.text}>
              {t('versions.asked', { who: review.askedBy, when: dateTime(review.askedAt) })}
            </p>
            {review.note && <p className={css.text}>“{review.note}”</p>}
            <DiffView workflow={workflow.id} from={review.baseVersion} to={null} revision={review.revision} />
          </>
        ) : (
          <p className={css.text}>{t(fourEyes ? 'versions.needsSecond' : 'versions.maySecond')}</p>
        )}
        {review && mine && fourEyes && <p className={css.text}>{t('versions.ownEdit')}</p>}
        {failed && <ProblemNotice problem={failed} />}
        {(review ? mayPublish && !(mine && fourEyes) : mayWrite) && (
          <Textarea
            label={t(review ? 'versions.comment' : 'versions.note')}
            value={note}
            maxLength={2000}
            autosize
            minRows={2}
            onChange={(e) => setNote(e.currentTarget.value)}
          />
        )}
        <div className={css.row}>
          {!review && mayWrite && (
            <Button onClick={() => ask.mutate()} loading={ask.isPending} disabled={dirty}>
              {t('versions.ask')}
            </Button>
          )}
          {!review && dirty && <span className={css.text}>{t('versions.saveFirst')}</span>}
          {review && mayPublish && !(mine && fourEyes) && (
            <>
              <Button
                onClick={() => decide.mutate({ id: review.id, hash: review.hash, verdict: 'publish' })}
                loading={decide.isPending}
                disabled={dirty}
              >
                {t('versions.publish', { name: workflow.name })}
              </Button>
              <Button
                variant="default"
                onClick={() => decide.mutate({ id: review.id, hash: review.hash, verdict: 'refuse' })}
                loading={decide.isPending}
              >
                {t('versions.refuse')}
              </Button>
            </>
          )}
          {review && mine && mayWrite && (
            <Button variant="default" onClick={() => withdraw.mutate(review.id)} loading={withdraw.isPending}>
              {t('versions.withdraw')}
            </Button>
          )}
        </div>
      </div>
    </Panel>
  );
}
