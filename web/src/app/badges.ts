import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '@/shared/client/overview';
import { useLiveTopic } from '@/shared/lib/useLive';

type Badge = { count: number; label: string; hot?: boolean };

/** The counts beside the navigation; what is missing is left out rather than shown as nought. */
export function useBadges(): Record<string, Badge | undefined> {
  const { data } = useQuery(overviewQuery('24h'));
  useLiveTopic('incidents', { invalidates: [['overview']] });
  useLiveTopic('approvals', { invalidates: [['overview']] });
  if (!data) return {};
  return {
    incidents: {
      count: data.openIncidents.total,
      label: 'shell.openIncidents',
      hot: data.openIncidents.bySeverity.critical > 0,
    },
    approvals: { count: data.approvalsWaiting, label: 'shell.waitingApprovals' },
  };
}
