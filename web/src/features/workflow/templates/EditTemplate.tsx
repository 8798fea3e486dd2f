import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import Form from '@rjsf/mantine';
import type { RJSFSchema } from '@rjsf/utils';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { http } from '@/shared/client/http';
import type { ApprovalTemplate } from '@/shared/client/types';
import { jsonSchemaValidator } from '@/shared/lib/validator';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { nodeTypesQuery } from '../api';
import { formTemplates } from '../inspector/formTemplates';
import { uiSchemaOf } from '../inspector/uiSchema';
import { useWords } from '../words';
import { templateSchema } from './schema';
import css from './Templates.module.css';

const NAME = /^[A-Za-z0-9][A-Za-z0-9 _-]{0,63}$/;

/** A template's settings, in the form that the node has. */
export default function EditTemplate({
  template,
  onClose,
  onKept,
}: {
  template: ApprovalTemplate | null;
  onClose: () => void;
  onKept: (name: string) => void;
}) {
  const t = useWords();
  const types = useQuery(nodeTypesQuery);
  const approval = types.data?.find((x) => x.type === 'approval');
  const schema = useMemo(() => approval && templateSchema(approval), [approval]);
  const ui = useMemo(() => (schema ? uiSchemaOf({ configSchema: schema }) : {}), [schema]);
  const [name, setName] = useState(template?.name ?? '');
  const [description, setDescription] = useState(template?.description ?? '');
  const [settings, setSettings] = useState<Record<string, unknown>>(template?.settings ?? {});
  const keep = useMutation({
    mutationFn: () =>
      http.put(`/approval-templates/${encodeURIComponent(name)}`, {
        description,
        settings: settings as never,
        revision: template?.revision ?? 0,
      }),
    onSuccess: () => onKept(name),
  });
  const fits = NAME.test(name);
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        template ? t('approvalTemplates.editTitle', { name: template.name }) : t('approvalTemplates.add')
      }
      size="lg"
      centered
    >
      <form
        className={`${dialog.form} ${css.form}`}
        onSubmit={(e) => {
          e.preventDefault();
          if (fits) keep.mutate();
        }}
      >
        {keep.isError && <ProblemNotice problem={keep.error} />}
        {!template && (
          <TextInput
            label={t('approvalTemplates.name')}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            error={name && !fits ? t('approvalTemplates.nameWrong') : undefined}
            required
            data-autofocus
          />
        )}
        <Textarea
          label={t('approvalTemplates.description')}
          value={description}
          onChange={(e) => setDescription(e.currentTarget.value)}
          maxLength={500}
          autosize
        />
        {types.isError && <ProblemNotice problem={types.error} onRetry={() => void types.refetch()} />}
        {types.isPending && <Loading />}
        {schema && (
          <Form
            schema={schema as RJSFSchema}
            uiSchema={ui}
            templates={formTemplates}
            validator={jsonSchemaValidator}
            formData={settings}
            liveValidate
            showErrorList={false}
            noHtml5Validate
            tagName="div"
            idPrefix="approval-template"
            onChange={(e) => setSettings((e.formData ?? {}) as Record<string, unknown>)}
          />
        )}
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('approvalTemplates.close')}
          </Button>
          <Button type="submit" loading={keep.isPending} disabled={!fits}>
            {t('approvalTemplates.keep')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
