import { useSearch } from '@tanstack/react-router';
import { http } from '@/shared/client/http';
import { AfterSignIn } from './AfterSignIn';
import { LinkStep } from './LinkStep';

export function SignInLinkPage() {
  const { token } = useSearch({ from: '/open/sign-in/link' });
  return (
    <LinkStep
      token={token}
      words="access.signInLink"
      send={(given) => http.post('/sign-in/link', { token: given })}
      done={(session) => <AfterSignIn session={session} />}
    />
  );
}
