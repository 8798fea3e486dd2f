import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/shared/client/http';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';

/** The other end of a mailed link. Opening the page changes nothing, since mail scanners open pages too; the button does. */
export function LinkStep<R>({
  token,
  words,
  send,
  done,
}: {
  token: string | undefined;
  /** Key of the title, text and submit words in the catalogue. */
  words: string;
  send: (token: string) => Promise<R>;
  done: (result: R) => ReactNode;
}) {
  const { t } = useTranslation();
  const m = useMutation({ mutationFn: send });
  if (m.isSuccess) return done(m.data);
  if (!token || isUsed(m.error)) return <UsedLink missing={!token} />;
  return (
    <AccessFrame title={t(`${words}.title`)} text={t(`${words}.text`)}>
      <div className={css.form}>
        {m.error && <ProblemNotice problem={m.error} />}
        <Button size="sm" fullWidth loading={m.isPending} onClick={() => m.mutate(token)}>
          {t(`${words}.submit`)}
        </Button>
      </div>
    </AccessFrame>
  );
}

export const isUsed = (problem: unknown) =>
  isProblem(problem) && (problem.status === 410 || problem.is('link-used-or-expired'));

export function UsedLink({ missing }: { missing?: boolean }) {
  const { t } = useTranslation();
  return (
    <AccessFrame
      title={t(missing ? 'access.link.missing' : 'access.link.used')}
      text={t(missing ? 'access.link.missingText' : 'access.link.usedText')}
    >
      <div className={css.row}>
        <Button component={Link} to="/sign-up" variant="default">
          {t('access.link.signUp')}
        </Button>
        <Button component={Link} to="/sign-in">
          {t('access.signIn.submit')}
        </Button>
      </div>
    </AccessFrame>
  );
}
