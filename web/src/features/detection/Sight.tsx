import { IconEye, IconEyeOff, IconMinus, IconQuestionMark } from '@tabler/icons-react';
import type { RuleView } from '@/shared/client/types';
import css from './Detection.module.css';
import { useWords } from './words';

type Seen = 'live' | 'blind-source' | 'blind-fields' | 'not-running' | 'off' | 'unknown';

/** What a rule could see: nothing is claimed of rules that are off, or before events came. */
export function sightOf(rule: Pick<RuleView, 'state' | 'kind' | 'coverage'>): Seen {
  if (rule.state !== 'live' || rule.kind === 'filter') return 'off';
  return rule.coverage?.state ?? 'unknown';
}

export function Sight({ of }: { of: Seen }) {
  const t = useWords();
  const Icon =
    of === 'live' ? IconEye : of === 'off' ? IconMinus : of === 'unknown' ? IconQuestionMark : IconEyeOff;
  return (
    <span className={css.sight} data-sight={of}>
      {of !== 'off' && <Icon size={13} stroke={2} />}
      {t(`sightOf.${of}`)}
    </span>
  );
}
