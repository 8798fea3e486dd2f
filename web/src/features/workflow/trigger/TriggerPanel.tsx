import { Button, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { TriggerView, WorkflowDetail } from '@/shared/client/types';
import { age, dateTime, number } from '@/shared/lib/format';
import { CopyButton } from '@/shared/ui/CopyButton';
import { confirm } from '@/shared/ui/confirm';
import { Panel } from '@/shared/ui/Panel';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { enableTrigger, newSecret, triggersQuery } from './api';
import { SecretDialog } from './SecretDialog';
import css from './Triggers.module.css';
import { inZone } from './times';

/** One trigger of the version in use. */
export function TriggerPanel({ workflow, trigger }: { workflow: WorkflowDetail; trigger: TriggerView }) {
  const t = useWords();
  const mayChange = useCan('workflow:publish');
  const queries = useQueryClient();
  const [secret, setSecret] = useState<string | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: triggersQuery(workflow.id).queryKey });
  const enable = useMutation({
    mutationFn: (enabled: boolean) => enableTrigger(workflow.id, trigger.node, enabled),
    onSuccess: () => void again(),
    onError: toast.failed,
  });
  const renew = useMutation({
    mutationFn: () => newSecret(workflow.id, trigger.node),
    onSuccess: (made) => {
      setSecret(made.secret);
      void again();
    },
    onError: toast.failed,
  });
  const ask = async () => {
    if (
      trigger.secretAt === null ||
      (await confirm({
        title: t('triggers.secretTitle', { name: trigger.name }),
        text: t('triggers.secretText'),
        action: t('triggers.secretAction', { name: trigger.name }),
        destructive: true,
      }))
    )
      renew.mutate();
  };
  return (
    <Panel
      title={trigger.name}
      hint={t('triggers.hint', { kind: t(`triggers.kind.${trigger.kind}`), version: trigger.version })}
      actions={
        <Switch
          checked={trigger.enabled}
          disabled={!mayChange || enable.isPending}
          onChange={(e) => enable.mutate(e.currentTarget.checked)}
          aria-label={t('triggers.enabled', { name: trigger.name })}
        />
      }
    >
      <div className={css.trigger}>
        {!trigger.enabled && <p className={css.off}>{t('triggers.off')}</p>}
        {trigger.address && (
          <div className={css.address}>
            <code>POST {trigger.address}</code>
            <CopyButton text={trigger.address} size="compact-xs" />
          </div>
        )}
        {trigger.auth && (
          <div className={css.row}>
            <span>
              {t(`triggers.auth.${trigger.auth}`)}{' '}
              {trigger.auth !== 'none' &&
                (trigger.secretAt
                  ? t('triggers.secretAt', { when: dateTime(trigger.secretAt) })
                  : t('triggers.secretMissing'))}
            </span>
            {trigger.auth !== 'none' && mayChange && (
              <Button
                variant="default"
                size="compact-xs"
                loading={renew.isPending}
                onClick={() => void ask()}
              >
                {t('triggers.newSecret')}
              </Button>
            )}
          </div>
        )}
        {trigger.zone && (
          <div>
            <h3>{t('triggers.next', { zone: trigger.zone })}</h3>
            <ol className={css.times}>
              {trigger.nextTimes.map((at) => (
                <li key={at}>
                  <time className="num" dateTime={at}>
                    {inZone(at, trigger.zone ?? 'UTC')}
                  </time>
                </li>
              ))}
            </ol>
          </div>
        )}
        <dl className={css.counts}>
          <div>
            <dt>{t('triggers.lastFired')}</dt>
            <dd className="num">
              {trigger.lastFiredAt ? (
                <time dateTime={trigger.lastFiredAt} title={dateTime(trigger.lastFiredAt)}>
                  {age(trigger.lastFiredAt)}
                </time>
              ) : (
                t('triggers.never')
              )}
            </dd>
          </div>
          {trigger.counts.map((c) => (
            <div key={c.what}>
              <dt>{t(`triggers.count.${c.what}`)}</dt>
              <dd className="num" title={dateTime(c.lastAt)}>
                {number(c.count)}
              </dd>
            </div>
          ))}
        </dl>
      </div>
      {secret && <SecretDialog trigger={trigger} secret={secret} onClose={() => setSecret(null)} />}
    </Panel>
  );
}
