import { Button, FileButton, Modal, TextInput } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import dialog from '@/shared/ui/Dialog.module.css';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { createWorkflow, importWorkflow, templatesQuery, workflowQuery, workflowsQuery } from '../api';
import { useWords } from '../words';
import css from './CreateDialog.module.css';

/** A new workflow, blank or from a template, opened in the builder at once. */
export function CreateDialog({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const ui = useTranslation().t;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const templates = useQuery(templatesQuery);
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: (from: { name: string } | { template: string } | File) =>
      from instanceof File
        ? from.text().then((text) => importWorkflow(text, from.name.endsWith('.json') ? 'json' : 'yaml'))
        : createWorkflow(from),
    onSuccess: (workflow) => {
      queries.setQueryData(workflowQuery(workflow.id).queryKey, workflow);
      void queries.invalidateQueries({ queryKey: workflowsQuery.queryKey });
      onClose();
      void navigate({ to: '/workflows/$workflowId', params: { workflowId: workflow.id } });
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('create.title')} size="md" centered>
      <div className={css.body}>
        <form
          className={css.blank}
          onSubmit={(e) => {
            e.preventDefault();
            if (name.trim()) create.mutate({ name: name.trim() });
          }}
        >
          <TextInput
            label={t('create.name')}
            value={name}
            maxLength={120}
            onChange={(e) => setName(e.currentTarget.value)}
            data-autofocus
          />
          <Button type="submit" disabled={!name.trim() || create.isPending}>
            {t('create.blank')}
          </Button>
        </form>
        <h3>{t('create.templates')}</h3>
        {templates.isError && (
          <ProblemNotice problem={templates.error} onRetry={() => void templates.refetch()} />
        )}
        {templates.isPending && <p className={dialog.text}>{t('loading')}</p>}
        {templates.data?.length === 0 && <p className={dialog.text}>{t('create.noTemplates')}</p>}
        <ul className={css.templates}>
          {templates.data?.map((template) => (
            <li key={template.id}>
              <button
                type="button"
                disabled={create.isPending}
                onClick={() => create.mutate({ template: template.id })}
              >
                <b>{template.name}</b>
                <small className="num">{t('create.nodes', { count: template.nodes })}</small>
                <span>{template.description}</span>
              </button>
            </li>
          ))}
        </ul>
        <FileButton
          accept=".yaml,.yml,.json,application/yaml,application/json"
          onChange={(file) => file && create.mutate(file)}
        >
          {(props) => (
            <Button
              {...props}
              variant="default"
              leftSection={<IconFileImport size={14} />}
              disabled={create.isPending}
              title={t('create.fileText')}
            >
              {t('create.file')}
            </Button>
          )}
        </FileButton>
        {create.isError && <ProblemNotice problem={create.error} />}
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {ui('ui.cancel')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
