import { Button } from '@mantine/core';
import { usePrefetchQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/shared/client/session';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Account.module.css';
import { accountQuery, sessionsQuery } from './api';
import { EmailDialog } from './EmailDialog';
import { FactorPanel } from './FactorPanel';
import { GrantsPanel } from './GrantsPanel';
import { PasskeysPanel } from './PasskeysPanel';
import { PasswordPanel } from './PasswordPanel';
import { SessionsPanel } from './SessionsPanel';
import { StoodOutPanel } from './StoodOutPanel';

/** One's own account: who one is, how one gets in, and where one is signed in. */
export function AccountPage() {
  const { t } = useTranslation();
  usePrefetchQuery(sessionsQuery);
  const { data: account, error, errorUpdatedAt, refetch } = useQuery(accountQuery);
  const [readdressing, setReaddressing] = useState(false);
  const role = useSession().user?.role;
  const problem = error && (
    <ProblemNotice
      problem={error}
      since={errorUpdatedAt}
      onRetry={() => void refetch()}
      page={account === undefined}
    />
  );
  return (
    <div className={css.page}>
      <header className={css.head}>
        <h1>{t('access.account.title')}</h1>
        <p>{t('access.account.text')}</p>
      </header>
      {problem}
      {account ? (
        <div className={css.columns}>
          <div className={css.column}>
            <Panel
              title={t('access.account.you')}
              actions={
                account.mfaAt && (
                  <Button variant="default" size="compact-xs" onClick={() => setReaddressing(true)}>
                    {t('access.account.emailChange')}
                  </Button>
                )
              }
            >
              <dl className={css.facts}>
                <dt>{t('access.account.name')}</dt>
                <dd>{account.name}</dd>
                <dt>{t('access.account.email')}</dt>
                <dd>{account.email}</dd>
                <dt>{t('access.account.role')}</dt>
                <dd>
                  {t(`role.${account.role}`, account.role)}
                  {role !== 'tenant-admin' && <span className={css.hint}>{t('access.account.youHint')}</span>}
                </dd>
              </dl>
            </Panel>
            <PasswordPanel account={account} />
            <FactorPanel account={account} />
          </div>
          <div className={css.column}>
            <PasskeysPanel />
            <SessionsPanel />
            <StoodOutPanel />
            <GrantsPanel />
          </div>
        </div>
      ) : (
        !error && <Loading />
      )}
      {readdressing && account && (
        <EmailDialog email={account.email} onClose={() => setReaddressing(false)} />
      )}
    </div>
  );
}
