import Form from '@rjsf/mantine';
import type { RJSFSchema } from '@rjsf/utils';
import { useMemo } from 'react';
import { jsonSchemaValidator } from '@/shared/lib/validator';
import { formTemplates } from '../inspector/formTemplates';
import { uiSchemaOf } from '../inspector/uiSchema';

/** The form of a trigger that people start, made from its JSON Schema. */
export default function InputForm({
  schema,
  value,
  onChange,
}: {
  schema: Record<string, unknown>;
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown>, fits: boolean) => void;
}) {
  const ui = useMemo(() => uiSchemaOf({ configSchema: schema }), [schema]);
  return (
    <Form
      schema={schema as RJSFSchema}
      uiSchema={ui}
      templates={formTemplates}
      validator={jsonSchemaValidator}
      formData={value}
      liveValidate
      showErrorList={false}
      noHtml5Validate
      tagName="div"
      idPrefix="run-input"
      onChange={(e) => {
        const input = (e.formData ?? {}) as Record<string, unknown>;
        onChange(input, jsonSchemaValidator.isValid(schema as RJSFSchema, input, schema as RJSFSchema));
      }}
    />
  );
}
