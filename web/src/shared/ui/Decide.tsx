import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { approvalQuery, decide } from '@/shared/client/approvals';
import { isProblem } from '@/shared/client/http';
import { useSession } from '@/shared/client/session';
import type { ApprovalView } from '@/shared/client/types';
import { Denied } from './Denied';
import css from './Dialog.module.css';
import { ProblemNotice } from './ProblemNotice';
import { toast } from './toast';

type Verdict = 'approve' | 'decline';

/**
 * Approve and decline; both ask once, with the target in the question. The decision carries the hash of the action that
 * was shown; where somebody else was faster, or the action is another by now, that is told and the fresh state fetched.
 */
export function Decide({ approval, compact = false }: { approval: ApprovalView; compact?: boolean }) {
  const { t } = useTranslation();
  const { permissions, user } = useSession();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const target = approval.target ?? approval.title;
  const button = (v: Verdict) => (
    <Button
      {...(compact ? { size: 'compact-xs', 'aria-label': `${t(`ui.decide.${v}`)}: ${approval.title}` } : {})}
      {...(v === 'decline' ? { variant: 'default' } : {})}
      onClick={() => setVerdict(v)}
    >
      {compact ? t(`ui.decide.${v}`) : t(`ui.decide.${v}Button`, { target })}
    </Button>
  );
  const mayDecide = permissions.includes('approval:decide');
  const asked = user?.role === approval.role || user?.role === 'tenant-admin';
  return (
    <>
      {approval.state === 'waiting' &&
        (mayDecide && asked ? (
          <div className={css.choice}>
            {button('decline')}
            {button('approve')}
          </div>
        ) : mayDecide || compact ? (
          <span className={css.other}>{t('ui.decide.other', { role: t(`role.${approval.role}`) })}</span>
        ) : (
          <Denied permission="approval:decide" page={false} />
        ))}
      {verdict && <Ask approval={approval} verdict={verdict} onClose={() => setVerdict(null)} />}
    </>
  );
}

function Ask(props: { approval: ApprovalView; verdict: Verdict; onClose: () => void }) {
  const { approval, verdict, onClose } = props;
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const target = approval.target ?? approval.title;
  const send = useMutation({
    mutationFn: () => decide(approval, verdict, reason.trim()),
    onSuccess: (next) => {
      queries.setQueryData(approvalQuery(approval.id).queryKey, next);
      toast.done(t(verdict === 'approve' ? 'ui.decide.approved' : 'ui.decide.declined', { target }));
      onClose();
    },
    onSettled: () => {
      for (const key of ['approvals', 'overview', 'runs', 'incidents'])
        void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  const stale = isProblem(send.error) && send.error.status === 409;
  return (
    <Modal opened onClose={onClose} title={t(`ui.decide.${verdict}Title`, { target })} size="sm" centered>
      <form
        className={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          send.mutate();
        }}
      >
        <p className={css.text}>{t(`ui.decide.${verdict}Text`, { workflow: approval.workflowName })}</p>
        <p className={css.said}>{approval.action}</p>
        <Textarea
          label={t('ui.decide.reason')}
          description={t('ui.decide.reasonHint')}
          value={reason}
          onChange={(e) => setReason(e.currentTarget.value)}
          maxLength={2000}
          autosize
          minRows={2}
          maxRows={6}
          data-autofocus
        />
        {send.isError && <ProblemNotice problem={send.error} />}
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose}>
            {t(stale ? 'ui.close' : 'ui.cancel')}
          </Button>
          {!stale && (
            <Button
              type="submit"
              loading={send.isPending}
              {...(verdict === 'decline' ? { color: 'red.8' } : {})}
            >
              {t(`ui.decide.${verdict}Button`, { target })}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}
