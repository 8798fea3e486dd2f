import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCan } from '@/shared/client/session';
import type { RuleDetail } from '@/shared/client/types';
import { dateTime, number } from '@/shared/lib/format';
import { confirm } from '@/shared/ui/confirm';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Severity } from '@/shared/ui/Severity';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { releaseRule, ruleQuery, switchRule } from './api';
import css from './Detection.module.css';
import { Explain } from './Explain';
import { Tags } from './FindingPanel';
import { webAddress } from './links';
import { Sight, sightOf } from './Sight';
import { useWords } from './words';

/** One rule: what it looks for, its text, and whether it is on. */
export function RulePanel({
  id,
  event,
  onEvent,
  onClose,
}: {
  id: string;
  /** The event that the reader asks about. */
  event: string | undefined;
  onEvent: (event: string) => void;
  onClose: () => void;
}) {
  const t = useWords();
  const query = useQuery(ruleQuery(id));
  const rule = query.data;
  const seen = rule ? sightOf(rule) : 'unknown';
  return (
    <aside className={layout.panel} aria-label={t('ruleDetail')}>
      <ActionIcon className={layout.close} aria-label={t('closeRule')} onClick={onClose}>
        <IconX size={16} />
      </ActionIcon>
      {!rule ? (
        query.isError ? (
          <ProblemNotice page problem={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Loading />
        )
      ) : (
        <>
          <header className={layout.head}>
            <Severity value={rule.level} />
            <h2>{rule.title || rule.file}</h2>
          </header>
          {rule.description && <p className={layout.dim}>{rule.description}</p>}
          {rule.problem && (
            <p className={css.problem}>
              <b>
                {rule.line === null ? rule.problem : t('atLine', { line: rule.line, problem: rule.problem })}
              </b>{' '}
              {rule.mend}
            </p>
          )}
          {rule.quarantinedAt && <Quarantine rule={rule} at={rule.quarantinedAt} />}
          <Switching rule={rule} />
          {seen !== 'off' && (
            <p className={css.seen}>
              <Sight of={seen} />
              <span>{rule.coverage?.why ?? t('sightText.unknown')}</span>
            </p>
          )}
          <dl className={layout.facts}>
            <dt>{t('file')}</dt>
            <dd className="mono">{rule.file}</dd>
            <dt>{t('ruleId')}</dt>
            <dd className="mono">{rule.ruleId || '–'}</dd>
            <dt>{t('kind')}</dt>
            <dd>{t(`kindOf.${rule.kind}`)}</dd>
            <dt>{t('logsource')}</dt>
            <dd className="mono">{rule.logsource || '–'}</dd>
            <dt>{t('author')}</dt>
            <dd>{rule.author || '–'}</dd>
            <dt>{t('origin')}</dt>
            <dd>{t(`originOf.${rule.origin}`)}</dd>
            <dt>{t('hits')}</dt>
            <dd className="num">
              {number(rule.hits)}
              {rule.lastHitAt && `, ${t('lastOn', { when: dateTime(rule.lastHitAt) })}`}
            </dd>
            {rule.kind === 'rule' && rule.state !== 'refused' && (
              <>
                <dt>{t('cost')}</dt>
                <dd className="num">
                  {rule.cost
                    ? t('costText', {
                        steps: number(rule.cost.stepsPerRun),
                        runs: number(rule.cost.runs),
                        budget: number(rule.cost.budget),
                      })
                    : t('costNone')}
                  {rule.cost && rule.cost.cutOff > 0 && `, ${t('costCut', { count: rule.cost.cutOff })}`}
                </dd>
              </>
            )}
          </dl>
          {rule.tags.length > 0 && <Tags tags={rule.tags} />}
          {rule.references.length > 0 && (
            <section aria-label={t('references')}>
              <h3>{t('references')}</h3>
              <ul className={layout.links}>
                {rule.references.map((r) => (
                  <li key={r}>
                    {webAddress(r) ? (
                      <a href={r} target="_blank" rel="noreferrer noopener">
                        {r}
                      </a>
                    ) : (
                      r
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )}
          {rule.state !== 'refused' && rule.kind !== 'filter' && (
            <Explain rule={rule.id} event={event} onEvent={onEvent} />
          )}
          <section aria-label={t('text')}>
            <h3>{t('text')}</h3>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
            <pre className={`mono ${layout.code}`} tabIndex={0}>
              {rule.text}
            </pre>
          </section>
        </>
      )}
    </aside>
  );
}

function Switching({ rule }: { rule: RuleDetail }) {
  const t = useWords();
  const queries = useQueryClient();
  const mayManage = useCan('rule:manage');
  const change = useMutation({
    mutationFn: (enabled: boolean) => switchRule(rule.id, enabled),
    onSuccess: (next) => {
      queries.setQueryData<RuleDetail>(ruleQuery(rule.id).queryKey, (old) =>
        old ? { ...old, ...next } : old,
      );
      void queries.invalidateQueries({ queryKey: ['rules'] });
      toast.done(t(next.state === 'disabled' ? 'isOff' : 'isOn', { title: rule.title }));
    },
    onError: toast.failed,
  });
  const disable = async () => {
    const yes = await confirm({
      title: t('offTitle', { title: rule.title }),
      text: t('offText'),
      action: t('offAction', { title: rule.title }),
      destructive: true,
    });
    if (yes) change.mutate(false);
  };
  return (
    <div className={css.switching}>
      <Status value={rule.state} />
      {mayManage && rule.state === 'live' && (
        <Button variant="default" size="compact-xs" loading={change.isPending} onClick={() => void disable()}>
          {t('off')}
        </Button>
      )}
      {mayManage && rule.state === 'disabled' && (
        <Button
          variant="default"
          size="compact-xs"
          loading={change.isPending}
          onClick={() => change.mutate(true)}
        >
          {t('on')}
        </Button>
      )}
    </div>
  );
}

/** Why the rule is not tried any more, and the way back. */
function Quarantine({ rule, at }: { rule: RuleDetail; at: string }) {
  const t = useWords();
  const queries = useQueryClient();
  const mayManage = useCan('rule:manage');
  const change = useMutation({
    mutationFn: () => releaseRule(rule.id),
    onSuccess: (next) => {
      queries.setQueryData<RuleDetail>(ruleQuery(rule.id).queryKey, (old) =>
        old ? { ...old, ...next } : old,
      );
      void queries.invalidateQueries({ queryKey: ['rules'] });
      toast.done(t('released', { title: rule.title }));
    },
    onError: toast.failed,
  });
  const release = async () => {
    const yes = await confirm({
      title: t('releaseTitle', { title: rule.title }),
      text: t('releaseText'),
      action: t('releaseAction', { title: rule.title }),
    });
    if (yes) change.mutate();
  };
  return (
    <div className={css.problem}>
      <p>
        <b>{t('quarantined', { when: dateTime(at) })}</b> {rule.quarantine} {t('quarantineText')}
      </p>
      {mayManage && (
        <Button variant="default" size="compact-xs" loading={change.isPending} onClick={() => void release()}>
          {t('release')}
        </Button>
      )}
    </div>
  );
}
