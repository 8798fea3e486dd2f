import {
  IconAlertTriangle,
  IconBug,
  IconBuildingCommunity,
  IconChartHistogram,
  IconClipboardCheck,
  IconDatabaseSearch,
  IconDevices,
  IconLayoutDashboard,
  IconListSearch,
  IconRefreshAlert,
  IconRouteSquare,
  IconRuler2,
  IconSettings,
  IconUserCheck,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { Permission } from '@/shared/client/types';

type Item = {
  key: string;
  to: NonNullable<LinkProps['to']>;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  permission?: Permission;
  /** For a provider's people, at home. */
  provider?: boolean;
  /** The letter after G. */
  letter?: string;
};
export type Nav = { group: string; items: Item[] }[];

/** What the product can do today; an entry comes with its page. */
export const NAV: Nav = [
  {
    group: 'operate',
    items: [
      { key: 'overview', to: '/', icon: IconLayoutDashboard, letter: 'o' },
      { key: 'customers', to: '/customers', icon: IconBuildingCommunity, provider: true, letter: 'c' },
      {
        key: 'incidents',
        to: '/incidents',
        icon: IconAlertTriangle,
        permission: 'incident:read',
        letter: 'i',
      },
      { key: 'findings', to: '/findings', icon: IconBug, permission: 'finding:read', letter: 'f' },
      { key: 'events', to: '/events', icon: IconDatabaseSearch, permission: 'event:read', letter: 'e' },
      { key: 'assets', to: '/inventory', icon: IconDevices, permission: 'event:read' },
    ],
  },
  {
    group: 'automate',
    items: [
      { key: 'workflows', to: '/workflows', icon: IconRouteSquare, permission: 'workflow:read', letter: 'w' },
      { key: 'approvals', to: '/approvals', icon: IconUserCheck, permission: 'workflow:read', letter: 'a' },
      { key: 'tasks', to: '/tasks', icon: IconClipboardCheck, permission: 'workflow:read', letter: 'k' },
      { key: 'failedRuns', to: '/failed-runs', icon: IconRefreshAlert, permission: 'workflow:read' },
      { key: 'insights', to: '/insights', icon: IconChartHistogram, permission: 'workflow:read' },
    ],
  },
  {
    group: 'manage',
    items: [
      { key: 'rules', to: '/rules', icon: IconRuler2, permission: 'rule:read', letter: 'r' },
      { key: 'audit', to: '/audit', icon: IconListSearch, permission: 'audit:read', letter: 't' },
      { key: 'settings', to: '/settings', icon: IconSettings, letter: 's' },
    ],
  },
];
