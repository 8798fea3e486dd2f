/** A moment as the wall clock of a zone shows it, with its offset, so that two equal times in autumn differ. */
export function inZone(at: string, zone: string): string {
  return new Intl.DateTimeFormat('en', {
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
    timeZone: zone,
  }).format(new Date(at));
}
