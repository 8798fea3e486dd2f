import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCan } from '@/shared/client/session';
import { dateTime } from '@/shared/lib/format';
import { confirm } from '@/shared/ui/confirm';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { rulesQuery, setRules } from './api';
import css from './Versions.module.css';

/** Whether the whole company publishes by four eyes; off only by a second person, or a day later. */
export function FourEyesRule() {
  const t = useWords();
  const mayChange = useCan('settings:manage');
  const queries = useQueryClient();
  const query = useQuery(rulesQuery);
  const change = useMutation({
    mutationFn: setRules,
    onSuccess: (rules) => {
      queries.setQueryData(rulesQuery.queryKey, rules);
      void queries.invalidateQueries({ queryKey: ['workflows', 'review'] });
    },
    onError: toast.failed,
  });
  if (query.isError && !query.data)
    return <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return null;
  const { fourEyes, offAt, offBy } = query.data;
  const off = async () => {
    if (
      offAt ||
      (await confirm({
        title: t('versions.rule.offTitle'),
        text: t('versions.rule.offText'),
        action: t('versions.rule.offAction'),
        destructive: true,
      }))
    )
      change.mutate(false);
  };
  return (
    <Panel title={t('versions.rule.title')}>
      <div className={css.row}>
        <p className={css.text}>
          {fourEyes
            ? offAt
              ? t('versions.rule.ending', { when: dateTime(offAt), who: offBy })
              : t('versions.rule.on')
            : t('versions.rule.off')}
        </p>
        {mayChange && (!fourEyes || offAt) && (
          <Button
            variant="default"
            size="compact-sm"
            loading={change.isPending}
            onClick={() => change.mutate(true)}
          >
            {t(offAt ? 'versions.rule.keep' : 'versions.rule.switchOn')}
          </Button>
        )}
        {mayChange && fourEyes && (
          <Button variant="default" size="compact-sm" loading={change.isPending} onClick={() => void off()}>
            {t(offAt ? 'versions.rule.agree' : 'versions.rule.switchOff')}
          </Button>
        )}
      </div>
    </Panel>
  );
}
