import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';

export const ASSET_FILTERS = ['q', 'which'] as const;

/** A machine that said nothing for so long is called silent. */
export const SILENT_HOURS = 24;

export const WHICH = ['all', 'silent', 'marked'] as const;

export const assetsQuery = (q?: string, which?: string) =>
  listQuery(['assets', 'list'], '/assets', {
    text: q,
    silentHours: which === 'silent' ? SILENT_HOURS : undefined,
    marked: which === 'marked' || undefined,
  });

export const mark = (id: string, v: { classification: number; criticality: number | null }) =>
  http.put(`/assets/${id}/mark`, v);
