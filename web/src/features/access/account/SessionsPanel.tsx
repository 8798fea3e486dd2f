import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BrowserSessionView } from '@/shared/client/types';
import { confirm } from '@/shared/ui/confirm';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import css from './Account.module.css';
import { endOtherSessions, endSession, sessionsQuery } from './api';
import { ConfirmYou, needsFactor } from './ConfirmYou';
import { When } from './When';

export function SessionsPanel() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(sessionsQuery);
  const [waiting, setWaiting] = useState<{ send: () => Promise<unknown>; done: string } | null>(null);
  const sessions = data?.items ?? [];
  const others = sessions.filter((s) => !s.current);

  const end = async (send: () => Promise<unknown>, done: string) => {
    setWaiting(null);
    try {
      await send();
      toast.done(done);
    } catch (e) {
      if (needsFactor(e)) return setWaiting({ send, done });
      toast.failed(e);
    }
    void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  };
  const endOne = async ({ id, device, address }: BrowserSessionView) => {
    const sure = await confirm({
      title: t('access.account.endTitle', { device }),
      text: t('access.account.endText', { address }),
      action: t('access.account.endButton', { device }),
      destructive: true,
    });
    if (sure) await end(() => endSession(id), t('access.account.ended', { device }));
  };
  const endOthers = async () => {
    const sure = await confirm({
      title: t('access.account.endOthersTitle'),
      text: t('access.account.endOthersText'),
      action: t('access.account.endOthers'),
      destructive: true,
    });
    if (sure) await end(endOtherSessions, t('access.account.endedOthers'));
  };

  return (
    <Panel
      title={t('access.account.sessions')}
      actions={
        others.length > 0 && (
          <Button variant="default" size="compact-xs" onClick={() => void endOthers()}>
            {t('access.account.endOthers')}
          </Button>
        )
      }
      flush
    >
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <ul className={css.sessions} aria-label={t('access.account.sessions')}>
          {sessions.map((s) => (
            <li key={s.id}>
              <div className={css.device}>
                <b>{s.device}</b>
                {s.current && <span className={css.here}>{t('access.account.here')}</span>}
                <span className="mono">{s.address}</span>
              </div>
              <dl>
                <div>
                  <dt>{t('access.account.signedIn')}</dt>
                  <dd>
                    <When at={s.signedInAt} />
                  </dd>
                </div>
                <div>
                  <dt>{t('access.account.lastUsed')}</dt>
                  <dd>
                    <When at={s.lastUsedAt} />
                  </dd>
                </div>
              </dl>
              {!s.current && (
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={t('access.account.endOf', { device: s.device, address: s.address })}
                  onClick={() => void endOne(s)}
                >
                  {t('access.account.end')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {data && others.length === 0 && <p className={css.alone}>{t('access.account.nowhereElse')}</p>}
      {waiting && (
        <ConfirmYou onClose={() => setWaiting(null)} onDone={() => void end(waiting.send, waiting.done)} />
      )}
    </Panel>
  );
}
