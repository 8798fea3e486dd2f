import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { decide } from '@/shared/client/approvals';
import { isProblem } from '@/shared/client/http';
import { useSession } from '@/shared/client/session';
import type { ApprovalView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import css from './DecideButtons.module.css';
import { ProblemNotice } from './ProblemNotice';
import { toast } from './toast';

/** Whether this person may decide: by permission, and by the role that the workflow asks for. */
function useMayDecide(a: ApprovalView): boolean {
  const { permissions, user } = useSession();
  return (
    a.state === 'waiting' &&
    permissions.includes('approval:decide') &&
    (user?.role === a.role || user?.role === 'tenant-admin')
  );
}

/** Approve and decline; both ask once, with the action and its target in the question. */
export function DecideButtons({ approval, size = 'compact-xs' }: { approval: ApprovalView; size?: string }) {
  const { t } = useTranslation();
  const may = useMayDecide(approval);
  const [verdict, setVerdict] = useState<'approve' | 'decline' | null>(null);
  if (approval.state !== 'waiting') return null;
  if (!may)
    return <span className={css.who}>{t('ui.decide.other', { role: t(`role.${approval.role}`) })}</span>;
  return (
    <>
      <Button
        size={size}
        variant="default"
        onClick={() => setVerdict('decline')}
        aria-label={`${t('ui.decide.decline')}: ${approval.title}`}
      >
        {t('ui.decide.decline')}
      </Button>
      <Button
        size={size}
        onClick={() => setVerdict('approve')}
        aria-label={`${t('ui.decide.approve')}: ${approval.title}`}
      >
        {t('ui.decide.approve')}
      </Button>
      {verdict && <Ask approval={approval} verdict={verdict} onClose={() => setVerdict(null)} />}
    </>
  );
}

function Ask({
  approval,
  verdict,
  onClose,
}: {
  approval: ApprovalView;
  verdict: 'approve' | 'decline';
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const m = useMutation({
    mutationFn: () => decide(approval, verdict, reason.trim()),
    onSuccess: () => {
      toast.done(
        t(verdict === 'approve' ? 'ui.decide.approved' : 'ui.decide.declined', { title: approval.title }),
      );
      onClose();
    },
    onSettled: () => {
      for (const key of ['approvals', 'overview', 'runs', 'incidents'])
        void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  // Someone was faster, or the action is another now: what is on the screen must be read again before deciding.
  const stale = isProblem(m.error) && m.error.status === 409;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`ui.decide.${verdict}Title`, { title: approval.title })}
      centered
    >
      <dl className={css.facts}>
        <div>
          <dt>{t('ui.decide.action')}</dt>
          <dd>{approval.action}</dd>
        </div>
        {approval.target && (
          <div>
            <dt>{t('ui.decide.target')}</dt>
            <dd className="mono">{approval.target}</dd>
          </div>
        )}
        <div>
          <dt>{t('ui.decide.workflow')}</dt>
          <dd>{approval.workflowName}</dd>
        </div>
        {approval.dueAt && (
          <div>
            <dt>{t('ui.decide.due')}</dt>
            <dd className="num">{dateTime(approval.dueAt)}</dd>
          </div>
        )}
      </dl>
      <Textarea
        label={t('ui.decide.reason')}
        description={t('ui.decide.reasonHint')}
        value={reason}
        onChange={(e) => setReason(e.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={6}
      />
      {m.error && (
        <div className={css.problem}>
          <ProblemNotice problem={m.error} />
        </div>
      )}
      <div className={css.buttons}>
        <Button variant="default" onClick={onClose}>
          {t(stale ? 'ui.close' : 'ui.cancel')}
        </Button>
        {!stale && (
          <Button
            {...(verdict === 'decline' ? { color: 'red.8' } : {})}
            loading={m.isPending}
            onClick={() => m.mutate()}
          >
            {t(`ui.decide.${verdict}Button`, { target: approval.target ?? approval.title })}
          </Button>
        )}
      </div>
    </Modal>
  );
}
