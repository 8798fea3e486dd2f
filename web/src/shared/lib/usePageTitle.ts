import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLook } from '@/shared/client/look';

/** What the tab of the browser says: the page first, since many tabs show only that. */
export function usePageTitle(page: string | undefined) {
  const { t } = useTranslation();
  const product = useLook().name ?? t('shell.product');
  useEffect(() => {
    document.title = page ? `${page} · ${product}` : product;
  }, [page, product]);
}
