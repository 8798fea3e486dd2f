import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { approvalQuery, decide } from '@/shared/client/approvals';
import { isProblem } from '@/shared/client/http';
import { useCan } from '@/shared/client/session';
import type { ApprovalView } from '@/shared/client/types';
import { Denied } from '@/shared/ui/Denied';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import dialog from '../builder/Dialog.module.css';
import { useWords } from '../words';
import css from './Approval.module.css';

type Verdict = 'approve' | 'decline';

/**
 * Approves or declines, after asking once with the target in the question. The decision carries the hash of the action
 * that was shown; where somebody else was faster, or the action is another by now, the fresh state is fetched and told.
 */
export function Decide({ approval }: { approval: ApprovalView }) {
  const t = useWords();
  const ui = useTranslation().t;
  const queries = useQueryClient();
  const mayDecide = useCan('approval:decide');
  const [asked, setAsked] = useState<Verdict | null>(null);
  const [reason, setReason] = useState('');
  const [notice, setNotice] = useState<unknown>(null);
  const target = approval.target ?? approval.title;

  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ['approvals'] });
    void queries.invalidateQueries({ queryKey: ['runs', 'one', approval.runId] });
  };
  const send = useMutation({
    mutationFn: (verdict: Verdict) => decide(approval, verdict, reason.trim()),
    onSuccess: (next, verdict) => {
      queries.setQueryData(approvalQuery(approval.id).queryKey, next);
      refresh();
      setAsked(null);
      setNotice(null);
      toast.done(t(verdict === 'approve' ? 'decide.approved' : 'decide.declined', { target }));
    },
    onError: (problem) => {
      if (!isProblem(problem) || problem.status !== 409) return;
      setAsked(null);
      setNotice(problem);
      refresh();
    },
  });
  const ask = (verdict: Verdict) => {
    send.reset();
    setAsked(verdict);
  };

  return (
    <>
      {notice ? <ProblemNotice problem={notice} /> : null}
      {approval.state === 'waiting' &&
        (mayDecide ? (
          <div className={css.buttons}>
            <Button onClick={() => ask('approve')}>{t('decide.approve', { target })}</Button>
            <Button variant="default" onClick={() => ask('decline')}>
              {t('decide.decline', { target })}
            </Button>
          </div>
        ) : (
          <Denied permission="approval:decide" page={false} />
        ))}
      {asked && (
        <Modal
          opened
          onClose={() => setAsked(null)}
          title={t(asked === 'approve' ? 'decide.askApprove' : 'decide.askDecline', { target })}
          size="sm"
          centered
        >
          <form
            className={dialog.form}
            onSubmit={(e) => {
              e.preventDefault();
              send.mutate(asked);
            }}
          >
            <p className={dialog.text}>{t(asked === 'approve' ? 'decide.willHappen' : 'decide.willNot')}</p>
            <p className={css.action}>{approval.action}</p>
            <Textarea
              label={t('decide.reason')}
              value={reason}
              onChange={(e) => setReason(e.currentTarget.value)}
              autosize
              minRows={2}
              data-autofocus
            />
            {send.isError && <ProblemNotice problem={send.error} />}
            <div className={dialog.buttons}>
              <Button variant="default" onClick={() => setAsked(null)}>
                {ui('ui.cancel')}
              </Button>
              <Button
                type="submit"
                loading={send.isPending}
                {...(asked === 'decline' ? { color: 'red.8' } : {})}
              >
                {t(asked === 'approve' ? 'decide.approve' : 'decide.decline', { target })}
              </Button>
            </div>
          </form>
        </Modal>
      )}
    </>
  );
}
