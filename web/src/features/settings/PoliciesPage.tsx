import { Button, Select, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/shared/client/http';
import type { PoliciesView, WhatIfView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { policiesQuery, putPolicies, rolesQuery, whatIf } from './api';
import css from './Settings.module.css';

/** The company's own policies beside the built-in ones: edited, tried, proven, and asked. */
export function PoliciesPage() {
  const { t } = useTranslation();
  const { data, error, errorUpdatedAt, refetch } = useQuery(policiesQuery);
  return (
    <section className={css.section} aria-label={t('settings.policies.title')}>
      <div className={css.tools}>
        <p>{t('settings.policies.text')}</p>
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <div className={css.policies}>
          <div>
            <Editor key={data.version} policies={data} />
            <WhoMay />
          </div>
          <div>
            <Panel title={t('settings.policies.builtIn')} hint={t('settings.policies.builtInHint')}>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
              <pre tabIndex={0}>{data.builtIn}</pre>
            </Panel>
            <Panel title={t('settings.policies.schema')} hint={t('settings.policies.schemaHint')}>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
              <pre tabIndex={0}>{data.schema}</pre>
            </Panel>
          </div>
        </div>
      )}
    </section>
  );
}

function Editor({ policies }: { policies: PoliciesView }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, setText] = useState(policies.policies);
  const check = useMutation({ mutationFn: () => whatIf({ policies: text }) });
  const save = useMutation({
    mutationFn: () => putPolicies(text, policies.version),
    onSuccess: (saved) => {
      queries.setQueryData(policiesQuery.queryKey, saved);
      void queries.invalidateQueries({ queryKey: ['session'] });
      toast.done(t('settings.policies.saved', { version: saved.version }));
    },
    // Why it was refused is told by the check, line by line.
    onError: (e) => {
      if (isProblem(e) && (e.is('policies-invalid') || e.is('policies-unsafe'))) check.mutate();
    },
  });
  const changed = text !== policies.policies;
  return (
    <Panel
      title={t('settings.policies.own')}
      hint={
        policies.version === 0
          ? t('settings.policies.noVersion')
          : t('settings.policies.version', { version: policies.version })
      }
    >
      <Textarea
        aria-label={t('settings.policies.own')}
        placeholder={t('settings.policies.example')}
        autosize
        minRows={8}
        maxRows={24}
        spellCheck={false}
        classNames={{ input: css.code }}
        value={text}
        onChange={(e) => {
          setText(e.currentTarget.value);
          check.reset();
          save.reset();
        }}
      />
      <div className={css.act}>
        <Button
          variant="default"
          disabled={!changed}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t('settings.policies.check')}
        </Button>
        <Button size="compact-xs" disabled={!changed} loading={save.isPending} onClick={() => save.mutate()}>
          {t('settings.policies.save')}
        </Button>
      </div>
      {save.error && <ProblemNotice problem={save.error} />}
      {check.error && <ProblemNotice problem={check.error} />}
      {check.data && <Verdict found={check.data} />}
      {policies.versions.length > 0 && (
        <ul className={css.versions} aria-label={t('settings.policies.versions')}>
          {policies.versions.map((v) => (
            <li key={v.version}>
              <span>{t('settings.policies.version', { version: v.version })}</span>
              <span>{v.savedBy}</span>
              <span className="num">{dateTime(v.savedAt)}</span>
              <Button
                variant="subtle"
                size="compact-xs"
                aria-label={t('settings.policies.takeOf', { version: v.version })}
                onClick={() => setText(v.policies)}
              >
                {t('settings.policies.take')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Verdict({ found: { findings, counterExamples, changes, truncated } }: { found: WhatIfView }) {
  const { t } = useTranslation();
  if (findings.length > 0)
    return (
      <div role="alert" aria-label={t('settings.policies.findings')}>
        <ul className={css.verdict}>
          {findings.map((f) => (
            <li key={`${f.line}:${f.column}:${f.message}`} data-bad>
              <b className="num">{t('settings.policies.at', { line: f.line, column: f.column })}</b>{' '}
              {f.message} {f.mend}
            </li>
          ))}
        </ul>
      </div>
    );
  return (
    <>
      {counterExamples.length > 0 ? (
        <div role="alert" aria-label={t('settings.policies.unsafe')}>
          <ul className={css.verdict}>
            {counterExamples.map((c) => (
              <li key={c} data-bad>
                <b>{t('settings.policies.unsafe')}</b> {c}
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <p className={css.safe} role="status">
          {t('settings.policies.safe')}
        </p>
      )}
      {changes.length === 0 ? (
        <p className={css.safe}>{t('settings.policies.noChange')}</p>
      ) : (
        <ul className={css.verdict} aria-label={t('settings.policies.changes')}>
          {changes.map((c) => (
            <li key={c.id}>
              <b>{c.name}</b>{' '}
              {c.gained.length > 0 && (
                <span className="mono">{t('settings.policies.gained', { what: c.gained.join(', ') })}</span>
              )}{' '}
              {c.lost.length > 0 && (
                <span className="mono">{t('settings.policies.lost', { what: c.lost.join(', ') })}</span>
              )}
            </li>
          ))}
        </ul>
      )}
      {truncated && <p className={css.safe}>{t('settings.policies.truncated')}</p>}
    </>
  );
}

/** Who may do a thing now, and which policy says so. */
function WhoMay() {
  const { t } = useTranslation();
  const { data: roles } = useQuery(rolesQuery);
  const ask = useMutation({ mutationFn: (action: string) => whatIf({ action }) });
  return (
    <Panel title={t('settings.policies.who')}>
      <Select
        label={t('settings.policies.action')}
        placeholder={t('settings.policies.choose')}
        data={roles?.permissions ?? []}
        searchable
        onChange={(action) => (action ? ask.mutate(action) : ask.reset())}
      />
      {ask.error && <ProblemNotice problem={ask.error} />}
      {ask.data && (
        <>
          <p className={css.safe}>
            {t('settings.policies.byRole', {
              roles: ask.data.roles.map((r) => t(`role.${r.role}`, r.role)).join(', ') || '–',
            })}
          </p>
          <ul className={css.verdict} aria-label={t('settings.policies.who')}>
            {ask.data.people.map((p) => (
              <li key={p.id}>
                <b>{p.name}</b> {t(`role.${p.role}`, p.role)}{' '}
                <span className="mono">
                  {t('settings.policies.because', { policies: p.policies.join(', ') })}
                </span>
              </li>
            ))}
            {ask.data.people.length === 0 && <li>{t('settings.policies.nobody')}</li>}
          </ul>
        </>
      )}
    </Panel>
  );
}
