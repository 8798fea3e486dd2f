import { Navigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { lookQuery } from '@/shared/client/look';
import { queryClient } from '@/shared/client/query';
import { sessionQuery } from '@/shared/client/session';
import type { SessionView } from '@/shared/client/types';

/** Makes the new session known and goes where the person wanted to go. */
export function AfterSignIn({ session, next }: { session: SessionView; next?: string | undefined }) {
  const [known, setKnown] = useState(false);
  useEffect(() => {
    queryClient.setQueryData(sessionQuery.queryKey, session);
    // Who is known has the look of their own company.
    queryClient.removeQueries({ queryKey: lookQuery.queryKey });
    setKnown(true);
  }, [session]);
  if (!known) return null;
  if (session.state !== 'active') return <Navigate to="/totp" search={next ? { next } : {}} replace />;
  return <Navigate to="/" {...(next ? { href: next } : {})} replace />;
}
