import type { NodeTypeView } from '@/shared/client/types';

/** What a template can say: what the node itself can, but for its words; and a deadline. */
export function templateSchema(approval: NodeTypeView): Record<string, unknown> {
  const {
    title: _t,
    message: _m,
    template: _n,
    ...settings
  } = (approval.configSchema.properties ?? {}) as Record<string, unknown>;
  return {
    type: 'object',
    properties: {
      ...settings,
      timeoutSeconds: {
        type: 'integer',
        title: 'Time to decide (seconds)',
        minimum: 60,
        maximum: 31_536_000,
      },
    },
  };
}
