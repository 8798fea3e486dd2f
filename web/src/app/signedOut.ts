import { onSignedOut } from '@/shared/client/http';
import { queryClient } from '@/shared/client/query';
import { sessionQuery } from '@/shared/client/session';
import { router } from './router';

const OPEN_PAGES =
  /^\/(sign-up|verify|sign-in|totp|invitation|forgot-password|reset-password|reset-factor|confirm-email|take-back|suspended|mailbox)(\/|$|\?)/;

/** Its own route leads strangers on, with the program's question as it came; or back to the program, unasked. */
const QUESTION = /^\/oauth2\/authorize(\?|$)/;

/** Leads to sign-in and back to this very page, once, and forgets what the former session had read. */
export function leaveWhenSignedOut() {
  let leaving = false;
  const leave = () => {
    const here = router.state.location.href;
    if (leaving || OPEN_PAGES.test(here)) return;
    leaving = true;
    queryClient.clear();
    void router
      .navigate({ to: '/sign-in', search: here === '/' ? {} : { next: here }, replace: true })
      .finally(() => {
        leaving = false;
      });
  };
  onSignedOut(leave);
  // The live connection asks for the session when it cannot get through; an anonymous answer means the same.
  queryClient.getQueryCache().subscribe((e) => {
    if (e.type !== 'updated' || e.query.queryKey[0] !== sessionQuery.queryKey[0]) return;
    if (QUESTION.test(router.state.location.href)) return;
    const session = e.query.state.data as { state: string } | undefined;
    if (session && (session.state === 'anonymous' || session.state === 'suspended')) leave();
  });
}
