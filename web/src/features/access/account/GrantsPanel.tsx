import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { GrantView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { confirm } from '@/shared/ui/confirm';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import css from './Account.module.css';
import { endGrant, grantsQuery } from './api';
import { When } from './When';

/** What programs may do in one's own name, and the end of it. */
export function GrantsPanel() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(grantsQuery);
  const grants = data?.items ?? [];

  const end = async ({ id, client }: GrantView) => {
    const sure = await confirm({
      title: t('access.account.grantEndTitle', { client }),
      text: t('access.account.grantEndText'),
      action: t('access.account.grantEndButton', { client }),
      destructive: true,
    });
    if (!sure) return;
    try {
      await endGrant(id);
      toast.done(t('access.account.grantEnded', { client }));
    } catch (e) {
      toast.failed(e);
    }
    void queries.invalidateQueries({ queryKey: grantsQuery.queryKey });
  };

  return (
    <Panel title={t('access.account.grants')} flush>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {grants.length > 0 && (
        <ul className={css.sessions} aria-label={t('access.account.grants')}>
          {grants.map((g) => (
            <li key={g.id}>
              <div className={css.device}>
                <b>{g.client}</b>
                <span className="mono">{g.scopes.join(', ')}</span>
              </div>
              <dl>
                <div>
                  <dt>{t('access.account.grantUntil')}</dt>
                  <dd>
                    <span className="num">{dateTime(g.expiresAt)}</span>
                  </dd>
                </div>
                {g.lastUsedAt && (
                  <div>
                    <dt>{t('access.account.lastUsed')}</dt>
                    <dd>
                      <When at={g.lastUsedAt} />
                    </dd>
                  </div>
                )}
              </dl>
              <Button
                variant="default"
                size="compact-xs"
                aria-label={t('access.account.grantEndOf', { client: g.client })}
                onClick={() => void end(g)}
              >
                {t('access.account.grantEnd')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {data && grants.length === 0 && <p className={css.alone}>{t('access.account.grantsNone')}</p>}
    </Panel>
  );
}
