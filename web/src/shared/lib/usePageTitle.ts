import { useEffect } from 'react';

/** What the tab of the browser says: the page first, since many tabs show only that. */
export function usePageTitle(page: string | undefined) {
  useEffect(() => {
    document.title = page ? `${page} · CyberShield` : 'CyberShield';
  }, [page]);
}
