import { queryOptions } from '@tanstack/react-query';
import { http } from './http';
import { listQuery } from './query';
import type { ApprovalView } from './types';

/** Approvals are asked for in several places: the overview, an incident, a run, their own page. */
export const waitingApprovalsQuery = queryOptions({
  queryKey: ['approvals', 'waiting', 'first'],
  queryFn: ({ signal }) => http.get('/approvals', { query: { state: 'waiting', limit: 20 }, signal }),
});
export const approvalsQuery = (state: 'waiting' | 'decided') =>
  listQuery(['approvals', 'list'], '/approvals', { state });
export const approvalQuery = (id: string) =>
  queryOptions({
    queryKey: ['approvals', 'one', id],
    queryFn: ({ signal }) => http.get(`/approvals/${id}`, { signal }),
  });

/** Who has voted, who is still asked, and whether the reader may vote. */
export const standingQuery = (id: string) =>
  queryOptions({
    queryKey: ['approvals', 'standing', id],
    queryFn: ({ signal }) => http.get(`/approvals/${id}/standing`, { signal }),
  });

interface Ballot {
  verdict: 'approve' | 'decline';
  reason?: string;
  /** Whose vote it is, where it is not the reader's own. */
  inPlaceOf?: string;
  /** Of the second factor, where the approval takes a fresh one. */
  code?: string;
}

/** The decision names the action that was shown; the server refuses it when the action has changed since. */
export const decide = (a: ApprovalView, { verdict, reason, inPlaceOf, code }: Ballot) =>
  http.post(`/runs/${a.runId}/approvals/${a.id}/decision`, {
    verdict,
    actionHash: a.actionHash,
    ...(reason ? { reason } : {}),
    ...(inPlaceOf ? { inPlaceOf } : {}),
    ...(code ? { code } : {}),
  });
