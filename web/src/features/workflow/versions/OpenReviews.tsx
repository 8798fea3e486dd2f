import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rowsOf } from '@/shared/client/query';
import { useWords } from '../words';
import { openReviewsQuery } from './api';
import css from './Versions.module.css';

/** Drafts that wait for somebody who did not edit them; nothing while there are none. */
export function OpenReviews() {
  const t = useWords();
  const reviews = rowsOf(useInfiniteQuery(openReviewsQuery).data);
  if (reviews.length === 0) return null;
  return (
    <p className={css.strip}>
      {t('list.reviews', { count: reviews.length })}{' '}
      {reviews.map((r) => (
        <Link
          key={r.id}
          to="/workflows/$workflowId"
          params={{ workflowId: r.workflowId }}
          search={{ tab: 'versions' }}
        >
          {r.workflowName}
        </Link>
      ))}
    </p>
  );
}
