import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http, isProblem } from '@/shared/client/http';
import { useSession } from '@/shared/client/session';
import type { AskedView, AuthorizationQuestion } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { answerQuestion, askedQuery, refusalQuery } from './account/api';
import { goesBack, IDENTITY, questionOf, waiting } from './consent';
import { SubmitButton } from './SubmitButton';

/** Whether a program may act for the person, or know them; whatever does not fit is told here and sent nowhere. */
export function ConsentPage() {
  const { t } = useTranslation();
  const { q = '', since = 0 } = useSearch({ from: '/open/oauth2/authorize' });
  const question = questionOf(q);
  if (!question) return <AccessFrame title={t('access.consent.none')} text={t('access.consent.noneText')} />;
  if (goesBack(question)) return <GoBack question={question} />;
  return <Ask question={question} since={since} />;
}

/** Straight back to the program: it wants nobody asked. */
function GoBack({ question }: { question: AuthorizationQuestion }) {
  const { data, error, refetch } = useQuery(refusalQuery(question));
  useEffect(() => {
    if (data) window.location.replace(data.redirect);
  }, [data]);
  return <Wait error={error} onRetry={() => void refetch()} />;
}

function Ask({ question, since }: { question: AuthorizationQuestion; since: number }) {
  const { data, error, refetch } = useQuery(askedQuery(question, since));
  if (data) return <Decide question={question} since={since} asked={data} />;
  return <Wait error={error} onRetry={() => void refetch()} />;
}

function Wait({ error, onRetry }: { error: Error | null; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <AccessFrame title={t('access.consent.wait')}>
      <div className={css.form}>
        {error ? <ProblemNotice problem={error} onRetry={onRetry} /> : <Loading />}
      </div>
    </AccessFrame>
  );
}

type Open = { question: AuthorizationQuestion; since: number; asked: AskedView };

function Decide({ question, since, asked }: Open) {
  const { t } = useTranslation();
  const { tenant, user } = useSession();
  const [confirmed, setConfirmed] = useState(false);
  const [gone, setGone] = useState(false);
  const go = ({ redirect }: { redirect: string }) => {
    setGone(true);
    window.location.replace(redirect);
  };
  const yes = useForm({
    initial: { code: '' },
    check: (v) => (confirmed || v.code.trim() ? {} : { code: t('access.consent.code') }),
    send: (v) =>
      answerQuestion({
        question: waiting(question, since, Date.now()),
        allow: true,
        ...(confirmed ? {} : { code: v.code.trim() }),
      }),
    done: go,
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('access.account.wrongCode') };
    },
  });
  const no = useForm({
    initial: {},
    send: () => answerQuestion({ question, allow: false }),
    done: go,
  });
  const client = asked.client;
  if (gone)
    return <AccessFrame title={t('access.consent.gone', { client })} text={t('access.consent.goneText')} />;
  const problem = yes.problem ?? no.problem;
  const again = asked.signInAgain || (isProblem(yes.problem) && yes.problem.is('sign-in-again'));
  const learns = IDENTITY.filter((scope) => asked.scopes.includes(scope));
  const does = asked.scopes.filter((scope) => !IDENTITY.includes(scope));
  const words = {
    client,
    by: asked.registeredBy,
    company: tenant?.name ?? '',
    person: user?.name ?? '',
    email: user?.email ?? '',
  };
  const acts = does.length > 0;
  return (
    <AccessFrame
      title={t(acts ? 'access.consent.title' : 'access.consent.signInTitle', { client })}
      text={t(acts ? 'access.consent.text' : 'access.consent.signInText', words)}
      foot={t('access.consent.foot')}
    >
      {acts && (
        <ul className={css.asked} aria-label={t('access.consent.scopes')}>
          {does.map((scope) => (
            <li key={scope}>
              <span className="mono">{scope}</span>
              {asked.missing.includes(scope) && <small>{t('access.consent.missing')}</small>}
            </li>
          ))}
        </ul>
      )}
      {learns.length > 0 && (
        <>
          {acts && <p className={css.learns}>{t('access.consent.learns')}</p>}
          <ul className={css.asked} aria-label={t('access.consent.learnsLabel')}>
            {learns.map((scope) => (
              <li key={scope}>
                {t(`access.consent.learn.${scope}`, words)}
                <small>{t(`access.consent.learnMore.${scope}`, words)}</small>
              </li>
            ))}
          </ul>
        </>
      )}
      <p className={css.where}>
        <IconAlertTriangle size={15} />
        <span>
          {t('access.consent.where')} <code>{asked.redirectUri}</code>
        </span>
      </p>
      {again ? (
        <SignInAgain client={client} />
      ) : (
        <form className={css.form} {...yes.form}>
          {problem !== null && <ProblemNotice problem={problem} />}
          <FactorOnceMore
            confirmed={confirmed}
            onConfirmed={() => setConfirmed(true)}
            description={t('access.consent.code')}
            {...yes.field('code')}
          />
          <SubmitButton label={t('access.consent.allow')} busy={yes.busy} wait={yes.wait} />
        </form>
      )}
      <form className={css.deny} {...no.form}>
        {again && no.problem !== null && <ProblemNotice problem={no.problem} />}
        <Button type="submit" variant="default" size="sm" fullWidth loading={no.busy}>
          {t('access.consent.deny')}
        </Button>
      </form>
    </AccessFrame>
  );
}

/** The program wants a younger session. A link alone ends nobody's: the person does, here. */
function SignInAgain({ client }: { client: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const next = window.location.pathname + window.location.search;
  const leave = useMutation({
    mutationFn: () => http.post('/sign-out'),
    onSuccess: () => {
      queries.clear();
      void navigate({ to: '/sign-in', search: { next }, replace: true });
    },
  });
  return (
    <div className={css.form}>
      {leave.error && <ProblemNotice problem={leave.error} />}
      <p className={css.again}>{t('access.consent.againText', { client })}</p>
      <Button size="sm" fullWidth onClick={() => leave.mutate()} loading={leave.isPending}>
        {t('access.consent.again')}
      </Button>
    </div>
  );
}
