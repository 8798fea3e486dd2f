import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StoodOutView } from '@/shared/client/types';
import { confirm } from '@/shared/ui/confirm';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import css from './Account.module.css';
import { answerStoodOut, sessionsQuery, stoodOutQuery } from './api';
import { ConfirmYou, needsFactor } from './ConfirmYou';
import { When } from './When';

/** Sign-ins that were not usual. Looking at them does nothing; who says "not me" ends every other session. */
export function StoodOutPanel() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(stoodOutQuery);
  const [waiting, setWaiting] = useState<{ id: string; mine: boolean } | null>(null);

  const answer = async (id: string, mine: boolean) => {
    setWaiting(null);
    try {
      await answerStoodOut({ id, mine });
      toast.done(t(mine ? 'access.stoodOut.owned' : 'access.stoodOut.disowned'));
    } catch (e) {
      if (needsFactor(e)) return setWaiting({ id, mine });
      toast.failed(e);
    }
    void queries.invalidateQueries({ queryKey: stoodOutQuery.queryKey });
    void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  };
  const disown = async ({ id }: StoodOutView) => {
    const sure = await confirm({
      title: t('access.stoodOut.notMeTitle'),
      text: t('access.stoodOut.notMeText'),
      action: t('access.stoodOut.notMeButton'),
      destructive: true,
    });
    if (sure) await answer(id, false);
  };

  return (
    <Panel title={t('access.stoodOut.title')} flush>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && data.items.length > 0 && (
        <ul className={`${css.sessions} ${css.stoodOut}`} aria-label={t('access.stoodOut.title')}>
          {data.items.map((s) => (
            <li key={s.id}>
              <div className={css.device}>
                <b>
                  {s.answer === null && <IconAlertTriangle size={14} aria-hidden />}
                  {t(`access.stoodOut.kind.${s.kinds[0]}`, s.kinds[0] ?? '')}
                </b>
                <When at={s.lastAt} />
                {s.times > 1 && <span className="num">{t('access.stoodOut.times', { count: s.times })}</span>}
                <span>
                  {s.device}, <span className="mono">{s.address}</span>
                  {s.country ? `, ${countryName(s.country)}` : ''}
                </span>
              </div>
              <p>{s.words}</p>
              {s.answer === null ? (
                <div className={css.does}>
                  <Button variant="default" size="compact-xs" onClick={() => void answer(s.id, true)}>
                    {t('access.stoodOut.me')}
                  </Button>
                  <Button variant="default" size="compact-xs" onClick={() => void disown(s)}>
                    {t('access.stoodOut.notMe')}
                  </Button>
                </div>
              ) : (
                <span className={css.hint}>
                  {t(s.answer === 'mine' ? 'access.stoodOut.wasMe' : 'access.stoodOut.wasNotMe')}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {data?.items.length === 0 && <p className={css.alone}>{t('access.stoodOut.none')}</p>}
      {waiting && (
        <ConfirmYou onClose={() => setWaiting(null)} onDone={() => void answer(waiting.id, waiting.mine)} />
      )}
    </Panel>
  );
}

/** Such as Germany; the two letters where they name nothing. */
function countryName(code: string) {
  try {
    return new Intl.DisplayNames('en', { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
