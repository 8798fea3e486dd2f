/** Numbers, times and sizes as the screens show them. Dates go through Intl in the reader's zone. */
const LOCALE = 'en';
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const full = new Intl.DateTimeFormat(LOCALE, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const shortDate = new Intl.DateTimeFormat(LOCALE, {
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const time = new Intl.DateTimeFormat(LOCALE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const number = (n: number) => whole.format(n);
/** One decimal below ten, none above: 0.4, 3.2, 128. */
export const rate = (n: number) => (Math.abs(n) < 10 ? one : whole).format(n);
export const dateTime = (at: string | number) => full.format(new Date(at));
export const dateShort = (at: string | number) => shortDate.format(new Date(at));
const minute = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const monthDay = new Intl.DateTimeFormat(LOCALE, { month: 'short', day: '2-digit' });
/** As much of a time as tells one mark on an axis from the next, for marks that many seconds apart over that many ms. */
export function tick(at: string, apart: number, over: number): string {
  const shown = apart < 60 ? time : apart >= 86_400 ? monthDay : over < DAY ? minute : shortDate;
  return shown.format(new Date(at));
}
const calendar = new Intl.DateTimeFormat(LOCALE, { year: 'numeric', month: 'short', day: '2-digit' });
export const date = (at: string) => calendar.format(new Date(at));
const utcDay = new Intl.DateTimeFormat(LOCALE, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  timeZone: 'UTC',
});
/** A day that is counted in UTC, as such, wherever the reader is. */
export const day = (at: string) => utcDay.format(new Date(at));
export const clock = (at: string | number) => time.format(new Date(at));

/** Age in its largest unit: 6m, 3h, 2d; "now" below a minute. */
export function age(at: string, now = Date.now()): string {
  const d = now - Date.parse(at);
  if (d < MINUTE) return 'now';
  if (d < HOUR) return `${Math.floor(d / MINUTE)}m`;
  if (d < DAY) return `${Math.floor(d / HOUR)}h`;
  return `${Math.floor(d / DAY)}d`;
}

/** Time left in words, "overdue" when it is over. */
export function dueIn(at: string, now = Date.now()): string {
  const d = Date.parse(at) - now;
  if (d <= 0) return 'overdue';
  if (d < MINUTE) return 'due in under a minute';
  if (d < HOUR) return `due in ${Math.floor(d / MINUTE)} min`;
  if (d < DAY) return `due in ${Math.floor(d / HOUR)} h`;
  return `due in ${Math.floor(d / DAY)} d`;
}

/** Whole cents as an amount: €49.00. */
export const money = (cents: number, currency: string) =>
  new Intl.NumberFormat(LOCALE, { style: 'currency', currency }).format(cents / 100);

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${one.format(ms / 1000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m ${Math.floor((ms % MINUTE) / 1000)} s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} m`;
  return `${Math.floor(ms / DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`;
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 1_000_000) return `${one.format(n / 1000)} kB`;
  if (n < 1_000_000_000) return `${one.format(n / 1_000_000)} MB`;
  return `${one.format(n / 1_000_000_000)} GB`;
}
