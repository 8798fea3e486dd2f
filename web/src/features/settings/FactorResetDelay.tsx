import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import dialog from '@/shared/ui/Dialog.module.css';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { factorResetDelayQuery, setFactorResetDelay } from './api';
import { FactorDialog } from './FactorDialog';
import css from './Settings.module.css';

/** Whether a day passes before a lost second factor can be set anew. */
export function FactorResetDelay() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [changing, setChanging] = useState(false);
  const { data, error, errorUpdatedAt, refetch } = useQuery(factorResetDelayQuery);
  const day = data?.day ?? false;
  return (
    <div className={`${dialog.form} ${css.narrow}`}>
      <h2 className={css.part}>{t('settings.factorReset.title')}</h2>
      <p className={dialog.text}>{t('settings.factorReset.text')}</p>
      {error && <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} />}
      {data && (
        <>
          <p className={dialog.text}>{t(day ? 'settings.factorReset.day' : 'settings.factorReset.atOnce')}</p>
          <div className={dialog.buttons}>
            <Button variant="default" onClick={() => setChanging(true)}>
              {t(day ? 'settings.factorReset.toAtOnce' : 'settings.factorReset.toDay')}
            </Button>
          </div>
        </>
      )}
      {changing && (
        <FactorDialog
          title={t(day ? 'settings.factorReset.toAtOnce' : 'settings.factorReset.toDay')}
          text={t('settings.factorReset.change')}
          action={t(day ? 'settings.factorReset.toAtOnce' : 'settings.factorReset.toDay')}
          send={(code) => setFactorResetDelay({ day: !day, ...code })}
          onClose={() => setChanging(false)}
          onDone={() => {
            setChanging(false);
            toast.done(t('settings.factorReset.changed'));
            void queries.invalidateQueries({ queryKey: factorResetDelayQuery.queryKey });
          }}
        />
      )}
    </div>
  );
}
