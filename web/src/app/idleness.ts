const KEY = 'cybershield.used';
/** How long before the end it is said. */
export const WARN_SECONDS = 60;
const NOTE_EVERY_MS = 1000;
let noted = 0;

/** Somebody is there; kept for all tabs of the browser. */
export function noteUse(now: number) {
  if (now - noted < NOTE_EVERY_MS && now >= noted) return;
  noted = now;
  try {
    localStorage.setItem(KEY, String(now));
  } catch {
    // Where nothing can be kept, each tab counts for itself.
  }
}

/** Seconds until the session that may be unused for `allowed` ends; at once where it is over. */
export function leftOf(allowed: number, now: number): number {
  let used = noted;
  try {
    const kept = Number(localStorage.getItem(KEY));
    if (Number.isFinite(kept) && kept <= now) used = Math.max(used, kept);
  } catch {
    // see noteUse
  }
  return Math.max(0, Math.ceil(allowed - (now - used) / 1000));
}
