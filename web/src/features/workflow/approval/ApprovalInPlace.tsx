import { useQuery } from '@tanstack/react-query';
import { approvalQuery, standingQuery } from '@/shared/client/approvals';
import { useLiveTopic } from '@/shared/lib/useLive';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { ApprovalDetail } from './ApprovalDetail';

/** The approval that a step waits for, decided where the run is watched. */
export function ApprovalInPlace({ approvalId, runId }: { approvalId: string; runId: string }) {
  const query = useQuery(approvalQuery(approvalId));
  useLiveTopic('approvals', {
    invalidates: [
      approvalQuery(approvalId).queryKey,
      standingQuery(approvalId).queryKey,
      ['runs', 'one', runId],
    ],
  });
  if (query.data) return <ApprovalDetail approval={query.data} compact />;
  if (query.isError) return <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}
