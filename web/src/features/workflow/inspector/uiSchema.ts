import type { UiSchema } from '@rjsf/utils';
import type { NodeTypeView } from '@/shared/client/types';

/** A text that may be longer than this is written in several lines. */
const LONG = 2000;

type Field = { type?: unknown; enum?: unknown; maxLength?: unknown };

/** How a node type's form is drawn: long texts in several lines. */
export function uiSchemaOf(type: Pick<NodeTypeView, 'configSchema'>): UiSchema {
  const properties = (type.configSchema.properties ?? {}) as Record<string, Field>;
  const out: UiSchema = { 'ui:submitButtonOptions': { norender: true } };
  for (const [name, field] of Object.entries(properties))
    if (field.type === 'string' && !field.enum && Number(field.maxLength) > LONG)
      out[name] = { 'ui:widget': 'textarea', 'ui:options': { autosize: true, minRows: 2, maxRows: 10 } };
  return out;
}
