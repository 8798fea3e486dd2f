import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { http } from './http';
import type { ApprovalView, Permission, SessionView } from './types';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => http.get('/session', { signal }),
  staleTime: 60_000,
});

/** The session as the server told it; below the frame it is always there. */
export const useSession = (): SessionView => useSuspenseQuery(sessionQuery).data;

/** Whether to offer a control. The server decides again on every request. */
export const useCan = (permission: Permission): boolean => useSession().permissions.includes(permission);

/** Whether the person signed in is one of those whose decision this approval waits for. */
export const useAsked = ({ role }: ApprovalView): boolean => {
  const { permissions, user } = useSession();
  return permissions.includes('approval:decide') && (user?.role === role || user?.role === 'tenant-admin');
};
