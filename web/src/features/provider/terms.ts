const DAY = 86_400_000;

/** The day on which something ends, as a form writes it. */
export const dayOf = (at: string): string => at.slice(0, 10);
/** The end of that day, or the widest there is where that is earlier. */
export function untilOf(day: string, widest?: string): string {
  const end = `${day}T23:59:59Z`;
  return widest && Date.parse(end) > Date.parse(widest) ? widest : end;
}
export const dayIn = (days: number, now = Date.now()): string =>
  dayOf(new Date(now + days * DAY).toISOString());

/** Which people are named: null for all. */
export const chosen = (whom: string, people: string): string[] | null =>
  whom === 'all' ? null : people.split(' ').filter(Boolean);
