import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { LiveMessage, Page, UploadView } from '@/shared/client/types';
import { sendFile, uploadsQuery } from './api';

/** A file on its way to the server, until the server has it and tells how reading it goes. */
export type Transfer = {
  key: number;
  name: string;
  sent: number;
  total: number;
  problem: unknown;
  cancel: () => void;
};
type Pages = InfiniteData<Page<UploadView>, string | null>;

/** The list with one upload as it is now; a new one goes to the top. */
export function patchUpload(pages: Pages, upload: UploadView): Pages {
  const known = pages.pages.some((p) => p.items.some((u) => u.id === upload.id));
  return {
    ...pages,
    pages: pages.pages.map((p, i) =>
      known
        ? { ...p, items: p.items.map((u) => (u.id === upload.id ? upload : u)) }
        : i === 0
          ? { ...p, items: [upload, ...p.items] }
          : p,
    ),
  };
}

let keys = 0;

/** Files are sent one after another; a refused one stays listed with its reason until it is put away. */
export function useUploads() {
  const queries = useQueryClient();
  const [transfers, setTransfers] = useState<Transfer[]>([]);
  const put = useCallback(
    (upload: UploadView) =>
      queries.setQueryData<Pages>(uploadsQuery.queryKey, (old) => (old ? patchUpload(old, upload) : old)),
    [queries],
  );
  const drop = useCallback((key: number) => setTransfers((all) => all.filter((x) => x.key !== key)), []);
  const send = useCallback(
    async (files: readonly File[]) => {
      const queue = files.map((file) => {
        const abort = new AbortController();
        const key = ++keys;
        const cancel = () => {
          abort.abort();
          drop(key);
        };
        return {
          file,
          abort,
          transfer: { key, name: file.name, sent: 0, total: file.size, problem: null, cancel },
        };
      });
      setTransfers((all) => [...all, ...queue.map((x) => x.transfer)]);
      for (const { file, abort, transfer } of queue) {
        if (abort.signal.aborted) continue;
        const change = (part: Partial<Transfer>) =>
          setTransfers((all) => all.map((x) => (x.key === transfer.key ? { ...x, ...part } : x)));
        try {
          put(await sendFile(file, (sent, total) => change({ sent, total }), abort.signal));
          drop(transfer.key);
          void queries.invalidateQueries({ queryKey: uploadsQuery.queryKey });
        } catch (problem) {
          if (!abort.signal.aborted) change({ problem });
        }
      }
    },
    [drop, put, queries],
  );
  const onMessages = useCallback(
    (messages: readonly LiveMessage[]) => {
      for (const m of messages) if (m.type === 'upload.changed') put(m.data);
    },
    [put],
  );
  return { transfers, send, onMessages };
}
