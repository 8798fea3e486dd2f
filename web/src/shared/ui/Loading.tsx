import { Loader } from '@mantine/core';
import { useIsFetching } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './Loading.module.css';

/** True once `on` has lasted long enough to be worth telling. */
function useLasting(on: boolean, ms: number) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!on) {
      setShown(false);
      return;
    }
    const id = setTimeout(() => setShown(true), ms);
    return () => clearTimeout(id);
  }, [on, ms]);
  return shown;
}

/** 2 px at the top of the page after 400 ms of fetching or of waiting for a page; what was there stays. */
export function LoadingBar() {
  const { t } = useTranslation();
  const fetching = useIsFetching() > 0;
  const moving = useRouterState({ select: (s) => s.isLoading });
  if (!useLasting(fetching || moving, 400)) return null;
  return (
    <div className={css.bar} role="progressbar" aria-label={t('ui.loading')}>
      <i />
    </div>
  );
}

/** Only where nothing was shown before. */
export function Loading() {
  const { t } = useTranslation();
  const shown = useLasting(true, 250);
  return (
    <div className={css.center} aria-busy="true">
      {shown && <Loader size="sm" role="status" aria-label={t('ui.loading')} />}
    </div>
  );
}
