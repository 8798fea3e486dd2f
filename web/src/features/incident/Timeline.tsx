import {
  IconBug,
  IconChecklist,
  IconFlag,
  IconMessage,
  IconRouteSquare,
  IconShieldX,
  IconStack2,
  IconUser,
  IconUserCheck,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { FindingView, TimelineEntry } from '@/shared/client/types';
import { clock, dateTime } from '@/shared/lib/format';
import { SEVERITIES } from '@/shared/lib/severity';
import { Severity } from '@/shared/ui/Severity';
import { chronological } from './order';
import css from './Timeline.module.css';
import { useWords } from './words';

const ICON: Record<TimelineEntry['kind'], typeof IconBug> = {
  finding: IconBug,
  comment: IconMessage,
  state: IconFlag,
  owner: IconUser,
  severity: IconStack2,
  run: IconRouteSquare,
  approval: IconUserCheck,
  action: IconShieldX,
  task: IconChecklist,
};

/** What happened, oldest first; a finding says which fields of its event made the rule match. */
export function Timeline({ entries, findings }: { entries: TimelineEntry[]; findings: FindingView[] }) {
  const t = useWords();
  const byId = new Map(findings.map((f) => [f.id, f]));
  if (entries.length === 0) return <p className={css.none}>{t('nothingYet')}</p>;
  return (
    <ol className={css.timeline}>
      {chronological(entries).map((e) => {
        const Icon = ICON[e.kind];
        const finding = e.ref?.kind === 'finding' ? byId.get(e.ref.id) : undefined;
        return (
          <li key={e.id} data-sev={e.severity ?? undefined}>
            <span className={css.dot} title={t(`kind.${e.kind}`)}>
              <Icon size={14} stroke={1.8} role="img" aria-label={t(`kind.${e.kind}`)} />
            </span>
            <div>
              <b>{e.actor}</b>
              <time className="num" dateTime={e.at} title={dateTime(e.at)}>
                {clock(e.at)}
              </time>
              <p>
                {e.text}
                {e.kind === 'finding' && e.severity && SEVERITIES.includes(e.severity) && (
                  <span className={css.sev}>
                    <Severity value={e.severity} />
                  </span>
                )}
              </p>
              <Reference entry={e} />
              {finding && finding.why.length > 0 && (
                <details className={css.why}>
                  <summary>{t('why', { count: finding.why.length })}</summary>
                  <dl>
                    {finding.why.map((w) => (
                      <div key={`${w.selection} ${w.field} ${w.value}`}>
                        <dt className="mono">{w.field}</dt>
                        <dd className="mono">{w.value}</dd>
                      </div>
                    ))}
                  </dl>
                </details>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Reference({ entry }: { entry: TimelineEntry }) {
  const t = useWords();
  if (!entry.ref) return null;
  const { kind, id } = entry.ref;
  if (kind === 'run')
    return (
      <Link to="/runs/$runId" params={{ runId: id }} className={css.ref}>
        {t('openRun')}
      </Link>
    );
  if (kind === 'approval')
    return (
      <Link to="/approvals/$approvalId" params={{ approvalId: id }} className={css.ref}>
        {t('openApproval')}
      </Link>
    );
  return null;
}
