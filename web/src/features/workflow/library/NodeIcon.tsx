import {
  IconAlertTriangle,
  IconApi,
  IconBellRinging,
  IconBolt,
  IconCalendarTime,
  IconChecklist,
  IconClock,
  IconClockPause,
  IconFilter,
  IconFlagCheck,
  IconGitBranch,
  IconHandClick,
  IconMail,
  IconMessage,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnected,
  IconQuestionMark,
  IconRepeat,
  IconShieldCheck,
  IconShieldX,
  IconTool,
  IconTransform,
  IconUserCheck,
  IconUserShield,
  IconWebhook,
  IconWorldDownload,
  IconWorldUpload,
  IconWorldWww,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { NodeTypeView } from '@/shared/client/types';
import css from './NodeIcon.module.css';

type Icon = ComponentType<{ size?: number; stroke?: number }>;

/** The icons a node type may ask for by name; an unknown name falls back to its category's. */
const BY_NAME: Record<string, Icon> = {
  'alert-triangle': IconAlertTriangle,
  api: IconApi,
  bell: IconBellRinging,
  'bell-ringing': IconBellRinging,
  bolt: IconBolt,
  'calendar-time': IconCalendarTime,
  'flag-check': IconFlagCheck,
  checklist: IconChecklist,
  task: IconChecklist,
  clock: IconClock,
  'clock-pause': IconClockPause,
  wait: IconPlayerPause,
  'player-pause': IconPlayerPause,
  filter: IconFilter,
  branch: IconGitBranch,
  'git-branch': IconGitBranch,
  condition: IconGitBranch,
  'hand-click': IconHandClick,
  globe: IconWorldWww,
  http: IconWorldWww,
  world: IconWorldWww,
  'world-download': IconWorldDownload,
  'world-upload': IconWorldUpload,
  'world-www': IconWorldWww,
  incident: IconAlertTriangle,
  isolate: IconShieldX,
  mail: IconMail,
  email: IconMail,
  message: IconMessage,
  play: IconPlayerPlay,
  repeat: IconRepeat,
  'shield-check': IconShieldCheck,
  'shield-x': IconShieldX,
  tool: IconTool,
  transform: IconTransform,
  'user-check': IconUserCheck,
  approval: IconUserCheck,
  'user-shield': IconUserShield,
  webhook: IconWebhook,
};
const BY_CATEGORY: Record<NodeTypeView['category'], Icon> = {
  trigger: IconBolt,
  action: IconTool,
  condition: IconGitBranch,
  approval: IconUserCheck,
  integration: IconPlugConnected,
  notification: IconMail,
};

/** A node type's icon on a tile in its category's tint. */
export function NodeIcon({ type, size = 34 }: { type: NodeTypeView | undefined; size?: 28 | 34 }) {
  const Icon = type ? (BY_NAME[type.icon] ?? BY_CATEGORY[type.category]) : IconQuestionMark;
  return (
    <span className={css.tile} data-cat={type?.category} data-size={size} aria-hidden="true">
      <Icon size={size === 34 ? 18 : 16} stroke={1.7} />
    </span>
  );
}
