import { Button, VisuallyHidden } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { useSession } from '@/shared/client/session';
import { useLiveTopic } from '@/shared/lib/useLive';
import { Panel } from '@/shared/ui/Panel';
import css from './Overview.module.css';

const stepsQuery = queryOptions({
  queryKey: ['overview', 'first-steps'],
  queryFn: ({ signal }) => http.get('/overview/first-steps', { signal }),
});
const WHERE = {
  source: '/settings/sources',
  rules: '/rules',
  colleague: '/settings/users',
  workflow: '/workflows',
} as const satisfies Record<string, LinkProps['to']>;

/** What the workspace still lacks, as the server sees it; gone once all is done, or hidden in this browser. */
export function Checklist() {
  const { t } = useTranslation();
  const key = `cybershield.first-steps.${useSession().tenant?.id ?? ''}`;
  const [hidden, setHidden] = useState(() => kept(key));
  const { data } = useQuery({ ...stepsQuery, enabled: !hidden });
  useLiveTopic('uploads', { invalidates: [stepsQuery.queryKey] });
  const steps = data?.items ?? [];
  const done = steps.filter((s) => s.done).length;
  if (hidden || steps.length === 0 || done === steps.length) return null;
  return (
    <Panel
      title={t('overview.steps.title')}
      hint={t('overview.steps.done', { done, all: steps.length })}
      actions={
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => {
            keep(key);
            setHidden(true);
          }}
        >
          {t('overview.steps.hide')}
        </Button>
      }
      flush
    >
      <ol className={css.steps}>
        {steps.map(({ step, done: isDone }) => (
          <li key={step} data-done={isDone || undefined}>
            {isDone ? <IconCircleCheckFilled size={17} /> : <IconCircle size={17} stroke={1.6} />}
            <VisuallyHidden>{t(isDone ? 'overview.steps.is' : 'overview.steps.isNot')}: </VisuallyHidden>
            <span>
              <Link to={WHERE[step]}>{t(`overview.steps.${step}`)}</Link>
              <small>{t(`overview.steps.${step}Text`)}</small>
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const kept = (key: string) => {
  try {
    return localStorage.getItem(key) === 'hidden';
  } catch {
    return false;
  }
};
const keep = (key: string) => {
  try {
    localStorage.setItem(key, 'hidden');
  } catch {
    // Where nothing can be kept it comes back with the next page.
  }
};
