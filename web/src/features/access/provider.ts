/** The domain of an address that looks whole; nothing else of it is asked about. */
export const domainOf = (email: string): string | null =>
  /^[^@\s]+@([^@\s]+\.[^@\s.]{2,})$/.exec(email.trim())?.[1]?.toLowerCase() ?? null;

/** What a provider's answer says, out of the query that it came with; null if that is none. */
export function answerOf(provider: string, sent: string) {
  const query = new URLSearchParams(sent);
  const state = query.get('state');
  if (!state) return null;
  const part = (name: 'code' | 'error' | 'iss') => {
    const value = query.get(name);
    return value ? { [name]: value } : {};
  };
  return { provider, state, ...part('code'), ...part('error'), ...part('iss') };
}
