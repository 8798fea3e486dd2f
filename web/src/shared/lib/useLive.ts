import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { inCustomer } from '@/shared/client/customer';
import { queryClient } from '@/shared/client/query';
import { sessionQuery } from '@/shared/client/session';
import type { LiveMessage, LiveTopic } from '@/shared/client/types';
import { LiveClient, type LiveStatus } from './live';

export const useLiveStatus = create<{ status: LiveStatus }>(() => ({ status: 'off' }));

const client = new LiveClient(
  {
    open: () => new WebSocket(inCustomer(`${location.origin.replace(/^http/, 'ws')}/api/v1/live`)),
    later: (ms, run) => {
      const id = setTimeout(run, ms);
      return () => clearTimeout(id);
    },
    // A hidden tab has no frames; a timer keeps its figures true until it is looked at again.
    soon: (run) => {
      if (document.hidden) setTimeout(run, 250);
      else requestAnimationFrame(run);
    },
    random: Math.random,
  },
  (status) => useLiveStatus.setState({ status }),
  () => void queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 }).catch(() => {}),
);
window.addEventListener('online', () => client.retryNow());

/** Holds the connection open while the frame is on screen. */
export function useLiveConnection() {
  useEffect(() => {
    client.start();
    return () => client.stop();
  }, []);
}

/**
 * Subscribes to a topic while the component is on screen. Queries under `invalidates` are fetched again when a message
 * came (at most once a second) and at once when messages were missed; `onMessages` gets the messages of one frame, to
 * patch what is shown without a request.
 */
export function useLiveTopic(
  topic: LiveTopic | null,
  options: {
    onMessages?: (messages: LiveMessage[]) => void;
    onResync?: () => void;
    invalidates?: QueryKey[];
  },
) {
  const queries = useQueryClient();
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (!topic) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refetch = () => {
      timer = undefined;
      for (const queryKey of latest.current.invalidates ?? []) void queries.invalidateQueries({ queryKey });
    };
    const leave = client.subscribe(topic, {
      onMessages: (messages) => {
        latest.current.onMessages?.(messages);
        if (latest.current.invalidates?.length) timer ??= setTimeout(refetch, 1000);
      },
      onResync: () => {
        clearTimeout(timer);
        refetch();
        latest.current.onResync?.();
      },
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [topic, queries]);
}
