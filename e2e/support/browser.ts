import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The system's Chromium or Chrome: $CHROMIUM if set, else the first on the PATH. Playwright downloads none. */
export function findBrowser(): string {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const dir of (process.env.PATH ?? '').split(path.delimiter))
    for (const name of ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) {
      const file = path.join(dir, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not in this folder
      }
    }
  throw new Error('No Chromium found. Run ./ensure-chromium.sh, or set CHROMIUM to its path.');
}
