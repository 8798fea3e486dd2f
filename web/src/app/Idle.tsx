import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { http } from '@/shared/client/http';
import { useSession } from '@/shared/client/session';
import { leftOf, noteUse, WARN_SECONDS } from './idleness';

// Not needed to read a page.
const IdleDialog = lazy(() => import('./IdleDialog').then((m) => ({ default: m.IdleDialog })));
const EVERY_MS = 1000;
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/**
 * Signs out who does not use the product for as long as the company allows. Pages ask the server again by themselves, so
 * the server alone would never see that nobody is there. All tabs of a browser count as one.
 */
export function Idle({ onOver }: { onOver: () => void }) {
  const seconds = useSession().idleSeconds;
  const [left, setLeft] = useState<number | null>(null);
  const over = useRef(onOver);
  over.current = onOver;
  useEffect(() => {
    if (!seconds) return;
    noteUse(Date.now());
    const used = () => noteUse(Date.now());
    for (const sign of SIGNS) window.addEventListener(sign, used, { capture: true, passive: true });
    const id = setInterval(() => {
      const now = leftOf(seconds, Date.now());
      setLeft(now <= WARN_SECONDS ? now : null);
      if (now <= 0) {
        clearInterval(id);
        over.current();
      }
    }, EVERY_MS);
    return () => {
      for (const sign of SIGNS) window.removeEventListener(sign, used, { capture: true });
      clearInterval(id);
    };
  }, [seconds]);

  const stay = () => {
    noteUse(Date.now());
    setLeft(null);
    // The server counts for itself.
    void http.get('/session').catch(() => {});
  };
  if (left === null || left <= 0) return null;
  return (
    <Suspense>
      <IdleDialog left={left} onStay={stay} />
    </Suspense>
  );
}
