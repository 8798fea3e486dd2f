import { useEffect, useState } from 'react';

/** The time, a second apart while `on`, so that what still runs grows; it stands still otherwise. */
export function useNow(on: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!on) return;
    const id = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, 1000);
    return () => clearInterval(id);
  }, [on]);
  return now;
}
