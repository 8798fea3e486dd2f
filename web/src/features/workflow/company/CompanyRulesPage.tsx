import { useQuery } from '@tanstack/react-query';
import { number } from '@/shared/lib/format';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { FourEyesRule } from '../versions/FourEyesRule';
import { useWords } from '../words';
import { companyLimitQuery } from './api';
import css from './Company.module.css';
import { CompanyLimit } from './CompanyLimit';

/** What holds for all workflows of the company: how many runs may be live, and who publishes. */
export function CompanyRulesPage() {
  const t = useWords();
  const query = useQuery(companyLimitQuery);
  return (
    <section className={css.main} aria-label={t('company.title')}>
      {query.isError && (
        <ProblemNotice
          page={!query.data}
          problem={query.error}
          since={query.errorUpdatedAt}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isPending && <Loading />}
      {query.data && (
        <div className={css.list}>
          <Panel
            title={t('company.limit')}
            hint={t('limits.now', { live: number(query.data.live), queued: number(query.data.queued) })}
          >
            <CompanyLimit key={query.data.most} limit={query.data} />
          </Panel>
          <FourEyesRule />
        </div>
      )}
    </section>
  );
}
