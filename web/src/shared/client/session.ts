import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { standingQuery } from './approvals';
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

/**
 * Whether the person signed in may vote on this approval now, and if not, why: the server says. Until it has, the role
 * that is asked is a good guess.
 */
export function useAsked({ id, role, state }: ApprovalView): { asked: boolean; why: string | undefined } {
  const { permissions, user } = useSession();
  const decides = permissions.includes('approval:decide');
  const { data } = useQuery({ ...standingQuery(id), enabled: state === 'waiting' && decides });
  if (data) {
    // Where one role is asked, whose it is and whom to ask is said from the approval itself.
    const [stage, ...more] = data.stages;
    const byRole =
      data.whyNot?.code === 'not-asked' &&
      more.length === 0 &&
      stage?.asked.every((who) => who === role || who === 'tenant-admin');
    return { asked: data.mayDecide, why: byRole ? undefined : data.whyNot?.text };
  }
  return { asked: decides && (user?.role === role || user?.role === 'tenant-admin'), why: undefined };
}
