import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAsked } from '@/shared/client/session';
import type { ApprovalView } from '@/shared/client/types';
import { DecidedByOthers } from './DecidedByOthers';
import css from './Dialog.module.css';
import { askToDecide, type Verdict } from './deciding';

/** Approve and decline, for whom the decision is asked; others read whose it is. Both buttons ask once. */
export function Decide({ approval, compact = false }: { approval: ApprovalView; compact?: boolean }) {
  const { t } = useTranslation();
  const { asked, why } = useAsked(approval);
  if (approval.state !== 'waiting') return null;
  if (!asked) return <DecidedByOthers approval={approval} compact={compact} why={why} />;
  const target = approval.target ?? approval.title;
  const button = (v: Verdict) => (
    <Button
      {...(compact ? { size: 'compact-xs', 'aria-label': `${t(`ui.decide.${v}`)}: ${approval.title}` } : {})}
      {...(v === 'decline' ? { variant: 'default' } : {})}
      onClick={() => askToDecide({ approval, verdict: v })}
    >
      {compact ? t(`ui.decide.${v}`) : t(`ui.decide.${v}Button`, { target })}
    </Button>
  );
  return (
    <div className={css.choice}>
      {button('decline')}
      {button('approve')}
    </div>
  );
}
