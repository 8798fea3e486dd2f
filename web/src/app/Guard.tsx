import { Outlet, useMatches } from '@tanstack/react-router';
import { useSession } from '@/shared/client/session';
import { Denied } from '@/shared/ui/Denied';

/** Shows the page when the session holds what its route asks for, and says what is missing when not. */
export function Guard() {
  const { permissions } = useSession();
  const needed = useMatches({ select: (matches) => matches.map((m) => m.staticData.permission) });
  const missing = needed.find((p) => p !== undefined && !permissions.includes(p));
  return missing ? <Denied permission={missing} /> : <Outlet />;
}
