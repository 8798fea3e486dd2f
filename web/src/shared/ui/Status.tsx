import {
  IconAlertTriangle,
  IconCheck,
  IconCircle,
  IconCircleDashed,
  IconClock,
  IconHelpCircle,
  IconLoader2,
  IconMinus,
  IconX,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import css from './Status.module.css';

type Tone = 'success' | 'running' | 'waiting' | 'failed' | 'skipped';
type Look = [Tone, ComponentType<{ size?: number; stroke?: number; className?: string }>];

/** Every state a record of the product can be in; the word comes from the catalogue under `status`. */
const LOOK: Record<string, Look> = {
  new: ['skipped', IconCircle],
  investigating: ['running', IconCircleDashed],
  containing: ['running', IconLoader2],
  resolved: ['success', IconCheck],
  closed: ['skipped', IconMinus],
  queued: ['skipped', IconCircle],
  running: ['running', IconLoader2],
  waiting: ['waiting', IconClock],
  'retry-at': ['waiting', IconClock],
  succeeded: ['success', IconCheck],
  failed: ['failed', IconX],
  skipped: ['skipped', IconMinus],
  cancelled: ['skipped', IconX],
  'in-doubt': ['waiting', IconHelpCircle],
  approved: ['success', IconCheck],
  declined: ['failed', IconX],
  'timed-out': ['failed', IconClock],
  void: ['skipped', IconMinus],
  active: ['success', IconCheck],
  proved: ['success', IconCheck],
  unproved: ['waiting', IconClock],
  invited: ['waiting', IconClock],
  disabled: ['skipped', IconMinus],
  revoked: ['skipped', IconX],
  expired: ['skipped', IconClock],
  'owner-disabled': ['waiting', IconAlertTriangle],
  live: ['success', IconCheck],
  agreed: ['success', IconCheck],
  withdrawn: ['skipped', IconX],
  quarantined: ['waiting', IconAlertTriangle],
  refused: ['failed', IconX],
  reading: ['running', IconLoader2],
  asked: ['waiting', IconClock],
  'under-way': ['running', IconLoader2],
  done: ['success', IconCheck],
  permitted: ['success', IconCheck],
  denied: ['failed', IconX],
  connected: ['success', IconCheck],
  isolated: ['waiting', IconAlertTriangle],
  draft: ['skipped', IconCircleDashed],
  published: ['success', IconCheck],
  archived: ['skipped', IconMinus],
  open: ['running', IconCircle],
  silent: ['waiting', IconAlertTriangle],
  overdue: ['failed', IconClock],
  coming: ['skipped', IconClock],
  'in-force': ['success', IconCheck],
};

/** Icon, word and colour; only a running one moves, and only where `moving` says that this screen is watched for it. */
export function Status({ value, moving }: { value: string; moving?: boolean }) {
  const { t } = useTranslation();
  const [tone, Icon] = LOOK[value] ?? (['skipped', IconCircle] satisfies Look);
  return (
    <span className={css.status} data-tone={tone}>
      <Icon size={13} stroke={2.2} className={moving && value === 'running' ? css.spin : css.icon} />
      {t(`status.${value}`, value)}
    </span>
  );
}
