import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/shared/client/session';
import type { AskedView, AuthorizationQuestion } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { answerQuestion, askedQuery } from './account/api';
import { questionOf } from './consent';
import { SubmitButton } from './SubmitButton';

/** Whether a program may act for the person; whatever does not fit is told here and sent nowhere. */
export function ConsentPage() {
  const { t } = useTranslation();
  const { q } = useSearch({ from: '/open/oauth2/authorize' });
  const question = questionOf(q ?? '');
  if (!question) return <AccessFrame title={t('access.consent.none')} text={t('access.consent.noneText')} />;
  return <Ask question={question} />;
}

function Ask({ question }: { question: AuthorizationQuestion }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(askedQuery(question));
  if (data) return <Decide question={question} asked={data} />;
  return (
    <AccessFrame title={t('access.consent.wait')}>
      <div className={css.form}>
        {error ? <ProblemNotice problem={error} onRetry={() => void refetch()} /> : <Loading />}
      </div>
    </AccessFrame>
  );
}

function Decide({ question, asked }: { question: AuthorizationQuestion; asked: AskedView }) {
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
    send: (v) => answerQuestion({ question, allow: true, ...(confirmed ? {} : { code: v.code.trim() }) }),
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
  return (
    <AccessFrame
      title={t('access.consent.title', { client })}
      text={t('access.consent.text', {
        client,
        by: asked.registeredBy,
        company: tenant?.name ?? '',
        person: user?.name ?? '',
      })}
      foot={t('access.consent.foot')}
    >
      <ul className={css.asked} aria-label={t('access.consent.scopes')}>
        {asked.scopes.map((scope) => (
          <li key={scope}>
            <span className="mono">{scope}</span>
            {asked.missing.includes(scope) && <small>{t('access.consent.missing')}</small>}
          </li>
        ))}
      </ul>
      <p className={css.where}>
        <IconAlertTriangle size={15} />
        <span>
          {t('access.consent.where')} <code>{asked.redirectUri}</code>
        </span>
      </p>
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
      <form className={css.deny} {...no.form}>
        <Button type="submit" variant="default" size="sm" fullWidth loading={no.busy}>
          {t('access.consent.deny')}
        </Button>
      </form>
    </AccessFrame>
  );
}
