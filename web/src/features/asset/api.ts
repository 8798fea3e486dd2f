import { listQuery } from '@/shared/client/query';

export const ASSET_FILTERS = ['q', 'silent'] as const;

/** A machine that said nothing for so long is called silent. */
export const SILENT_HOURS = 24;

export const assetsQuery = (q?: string, silent?: string) =>
  listQuery(['assets', 'list'], '/assets', {
    text: q,
    silentHours: silent ? SILENT_HOURS : undefined,
  });
