import type { NodeTypeView } from '@/shared/client/types';

export const CATEGORIES = [
  'trigger',
  'action',
  'condition',
  'approval',
  'integration',
  'notification',
] as const satisfies readonly NodeTypeView['category'][];
