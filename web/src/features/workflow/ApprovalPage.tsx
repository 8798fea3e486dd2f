import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { approvalQuery, standingQuery } from '@/shared/client/approvals';
import { useAsked } from '@/shared/client/session';
import type { ApprovalView } from '@/shared/client/types';
import { useLiveTopic } from '@/shared/lib/useLive';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './approval/Approval.module.css';
import { ApprovalDetail } from './approval/ApprovalDetail';
import { useWords } from './words';

/** Where the mailed link leads. Opening it decides nothing: only a button on it does. */
export function ApprovalPage() {
  const t = useWords();
  const { approvalId } = useParams({ strict: false }) as { approvalId: string };
  const query = useQuery(approvalQuery(approvalId));
  useLiveTopic('approvals', {
    invalidates: [approvalQuery(approvalId).queryKey, standingQuery(approvalId).queryKey],
  });
  if (!query.data)
    return query.isError ? (
      <ProblemNotice
        page
        problem={query.error}
        since={query.errorUpdatedAt}
        onRetry={() => void query.refetch()}
      />
    ) : (
      <Loading />
    );
  return (
    <div className={css.alone}>
      <div className={css.sheet}>
        <div>
          <h1>{t('approval.title')}</h1>
          <p className={css.lead}>
            <Lead approval={query.data} />
          </p>
        </div>
        {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
        <ApprovalDetail approval={query.data} />
        <p>
          <Link to="/approvals">{t('approval.all')}</Link>
        </p>
      </div>
    </div>
  );
}

function Lead({ approval }: { approval: ApprovalView }) {
  const t = useWords();
  const { asked } = useAsked(approval);
  if (approval.state !== 'waiting') return t('approval.over');
  return asked ? t('approval.lead') : t('approval.leadOthers');
}
