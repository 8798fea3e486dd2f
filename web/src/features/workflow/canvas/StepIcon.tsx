import {
  IconCheck,
  IconCircle,
  IconClock,
  IconHelpCircle,
  IconLoader2,
  IconMinus,
  IconX,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { StepState } from '@/shared/client/types';
import css from './StepIcon.module.css';

const ICON: Record<StepState, typeof IconCheck> = {
  queued: IconCircle,
  running: IconLoader2,
  waiting: IconClock,
  'retry-at': IconClock,
  succeeded: IconCheck,
  failed: IconX,
  skipped: IconMinus,
  cancelled: IconX,
  'in-doubt': IconHelpCircle,
};

/** A step's state where there is no room for its word, which the tooltip and assistive technology get. */
export function StepIcon({ state, size = 14 }: { state: StepState; size?: number }) {
  const shared = useTranslation().t;
  const Icon = ICON[state];
  const word = shared(`status.${state}`);
  return (
    <span className={css.icon} data-s={state} role="img" aria-label={word} title={word}>
      <Icon size={size} stroke={2.4} />
    </span>
  );
}
