import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { OverviewView } from '@/shared/client/types';
import { number } from '@/shared/lib/format';
import { Panel } from '@/shared/ui/Panel';
import css from './Overview.module.css';

/** How much of what came in the product understood, and which parts of it are silent or refused. */
export function IntakePanel({ data }: { data: OverviewView }) {
  const { t } = useTranslation();
  const { events, sources, rules } = data;
  const parsed = events.total > 0 ? (events.total - events.unparsed) / events.total : null;
  const rows = [
    {
      key: 'parsed',
      share: parsed,
      note: t('overview.intake.unparsed', { count: events.unparsed, number: number(events.unparsed) }),
      low: 0.95,
      to: '/events' as const,
    },
    {
      key: 'accepted',
      share: events.total + events.refused > 0 ? events.total / (events.total + events.refused) : null,
      note: t('overview.intake.refused', { count: events.refused, number: number(events.refused) }),
      low: 0.99,
      to: '/settings/sources' as const,
    },
    {
      key: 'reporting',
      share: sources.total > 0 ? (sources.total - sources.silent) / sources.total : null,
      note: t('overview.intake.silent', { count: sources.silent, number: number(sources.silent) }),
      low: 1,
      to: '/settings/sources' as const,
    },
    {
      key: 'rules',
      share: rules.live + rules.refused > 0 ? rules.live / (rules.live + rules.refused) : null,
      note: t('overview.intake.refused', { count: rules.refused, number: number(rules.refused) }),
      low: 0.8,
      to: '/rules' as const,
    },
  ];
  return (
    <Panel title={t('overview.intake.title')} hint={t('overview.intake.hint')}>
      <ul className={css.shares}>
        {rows.map((r) => (
          <li key={r.key}>
            <Link to={r.to}>{t(`overview.intake.${r.key}`)}</Link>
            <span
              className={css.bar}
              role="img"
              aria-label={r.share === null ? t('overview.intake.nothing') : `${percent(r.share)}, ${r.note}`}
            >
              {r.share !== null && (
                <i style={{ width: `${r.share * 100}%` }} data-low={r.share < r.low || undefined} />
              )}
            </span>
            <b className="num">{r.share === null ? '–' : percent(r.share)}</b>
            <small className="num">{r.share === null ? t('overview.intake.nothing') : r.note}</small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Never rounds up to 100 % when something is missing. */
const percent = (share: number) => `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100}%`;
