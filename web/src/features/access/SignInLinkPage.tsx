import { useSearch } from '@tanstack/react-router';
import { http } from '@/shared/client/http';
import type { SessionView } from '@/shared/client/types';
import { AfterSignIn } from './AfterSignIn';
import { LinkStep } from './LinkStep';

export function SignInLinkPage() {
  const { token } = useSearch({ from: '/open/sign-in/link' });
  return (
    <LinkStep
      token={token}
      words="access.signInLink"
      send={(given) => http.post<SessionView>('/sign-in/link', { token: given })}
      done={(session) => <AfterSignIn session={session} />}
    />
  );
}
