import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { sessionQuery } from '@/shared/client/session';
import { dateTime } from '@/shared/lib/format';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';

/** Why the company stands still, for who is signed in to it; the session goes on once it does. */
export function SuspendedPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: session, error } = useQuery({ ...sessionQuery, refetchInterval: 60_000 });
  const again = useMutation({
    mutationFn: () => queries.fetchQuery({ ...sessionQuery, staleTime: 0 }),
    onSuccess: (now) => {
      if (now.state !== 'suspended') void navigate({ to: '/', replace: true });
    },
  });
  const leave = useMutation({
    mutationFn: () => http.post('/sign-out'),
    onSuccess: () => {
      queries.clear();
      void navigate({ to: '/sign-in', replace: true });
    },
  });
  const why = session?.suspension;
  const problem = again.error ?? leave.error ?? error;
  return (
    <AccessFrame
      title={t('access.suspended.title')}
      text={t('access.suspended.text')}
      foot={t('access.suspended.foot')}
    >
      <div className={css.form}>
        {problem && <ProblemNotice problem={problem} />}
        {why && (
          <blockquote className={css.reason}>
            <p>{why.reason}</p>
            <footer>{t('access.suspended.since', { at: dateTime(why.since) })}</footer>
          </blockquote>
        )}
        <Button onClick={() => again.mutate()} loading={again.isPending}>
          {t('access.suspended.again')}
        </Button>
        <Button variant="default" onClick={() => leave.mutate()} loading={leave.isPending}>
          {t('access.suspended.signOut')}
        </Button>
      </div>
    </AccessFrame>
  );
}
