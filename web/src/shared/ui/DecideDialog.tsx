import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { approvalQuery, decide, standingQuery } from '@/shared/client/approvals';
import { isProblem } from '@/shared/client/http';
import { confirmByPasskey } from '@/shared/client/passkey';
import { useSession } from '@/shared/client/session';
import { clock, dateTime } from '@/shared/lib/format';
import { useLiveTopic } from '@/shared/lib/useLive';
import css from './Dialog.module.css';
import type { Deciding } from './deciding';
import { FreshCode } from './FreshCode';
import { PasskeyButton } from './PasskeyButton';
import { ProblemNotice } from './ProblemNotice';
import { Status } from './Status';
import { toast } from './toast';

/**
 * Asks once, with the target in the question. The decision carries the hash of the action that was shown; where somebody
 * else was faster the dialog stays and says who decided what, and when.
 */
export function DecideDialog({ approval: asked, verdict, onClose }: Deciding & { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { user, factors } = useSession();
  const own = user?.id;
  const [reason, setReason] = useState('');
  const [code, setCode] = useState('');
  const { data: standing } = useQuery(standingQuery(asked.id));
  const holds = standing?.inPlaceOf ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const inPlaceOf = chosen ?? holds[0]?.id ?? null;
  const query = approvalQuery(asked.id);
  const { data: now = asked, refetch } = useQuery({ ...query, staleTime: 0 });
  useLiveTopic('approvals', {
    onMessages: (messages) => {
      for (const m of messages)
        if (m.type === 'approval.decided' && m.data.id === asked.id)
          queries.setQueryData(query.queryKey, m.data);
    },
    onResync: () => void refetch(),
  });
  const target = asked.target ?? asked.title;
  const send = useMutation({
    mutationFn: () =>
      decide(asked, {
        verdict,
        reason: reason.trim(),
        code: code.trim(),
        ...(inPlaceOf && inPlaceOf !== own ? { inPlaceOf } : {}),
      }),
    onSuccess: (next) => {
      queries.setQueryData(query.queryKey, next);
      toast.done(
        next.state === 'waiting'
          ? t('ui.decide.counted', {
              target,
              have: next.have,
              need: next.need,
              stage: next.stage + 1,
              stages: next.stages,
            })
          : t(verdict === 'approve' ? 'ui.decide.approved' : 'ui.decide.declined', { target }),
      );
      onClose();
    },
    onError: (e) => {
      if (isProblem(e) && e.status === 409) void refetch();
    },
    onSettled: () => {
      for (const key of ['approvals', 'overview', 'runs', 'incidents'])
        void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  // One's own decision comes back over the live connection too, perhaps before its answer.
  const over = now.state !== 'waiting' && !send.isPending && !send.isSuccess;
  const stale = isProblem(send.error) && send.error.status === 409;
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (over) close.current?.focus();
  }, [over]);
  return (
    <Modal
      opened
      onClose={onClose}
      title={over ? t('ui.decide.overTitle', { target }) : t(`ui.decide.${verdict}Title`, { target })}
      size="sm"
      centered
    >
      <div role="status">
        {over && (
          <div className={css.over}>
            <p>
              <Status value={now.state} />
              <b>
                {t(`ui.decide.over.${now.state}`, { who: now.decidedBy ?? t('ui.decide.over.somebody') })}
              </b>
              {now.decidedAt && (
                <time className="num" dateTime={now.decidedAt} title={dateTime(now.decidedAt)}>
                  {clock(now.decidedAt)}
                </time>
              )}
            </p>
            {now.reason && <p className={css.said}>{now.reason}</p>}
            <p className={css.text}>{t('ui.decide.overText')}</p>
          </div>
        )}
      </div>
      <form
        className={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          if (!over) send.mutate();
        }}
      >
        {!over && (
          <>
            <p className={css.text}>
              {t(
                verdict === 'approve' && asked.stages * asked.need > 1
                  ? 'ui.decide.approveTextVotes'
                  : `ui.decide.${verdict}Text`,
                { workflow: asked.workflowName },
              )}
            </p>
            <p className={css.said}>{asked.action}</p>
            {holds.some((p) => p.id !== own) && (
              <Select
                label={t('ui.decide.inPlaceOf')}
                value={inPlaceOf}
                allowDeselect={false}
                data={holds.map((p) => ({
                  value: p.id,
                  label: p.id === own ? t('ui.decide.ownVote') : t('ui.decide.voteOf', { name: p.name }),
                }))}
                onChange={setChosen}
              />
            )}
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
            {asked.stepUp && (
              <>
                {factors.includes('passkey') && (
                  <PasskeyButton
                    label={t('ui.decide.byPasskey')}
                    run={confirmByPasskey}
                    done={() => send.mutate()}
                    variant="default"
                  />
                )}
                {factors.includes('totp') && (
                  <FreshCode
                    description={t('ui.decide.codeHint')}
                    value={code}
                    onChange={(e) => setCode(e.currentTarget.value)}
                  />
                )}
              </>
            )}
          </>
        )}
        {send.isError && !over && <ProblemNotice problem={send.error} />}
        <div className={css.buttons}>
          {over && (
            <Button
              component={Link}
              to="/runs/$runId"
              params={{ runId: asked.runId } as never}
              variant="default"
              onClick={onClose}
            >
              {t('ui.decide.overRun')}
            </Button>
          )}
          <Button ref={close} variant={over ? 'filled' : 'default'} onClick={onClose}>
            {t(over || stale ? 'ui.close' : 'ui.cancel')}
          </Button>
          {!over && !stale && (
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
