import { ActionIcon, Button, Menu, Modal, PasswordInput, TextInput } from '@mantine/core';
import { IconDots, IconKey, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { SecretView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useForm } from '@/shared/lib/useForm';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { deleteSecret, putSecret, secretsQuery } from './api';
import css from './Settings.module.css';

/** Names only: a value goes in and never comes out. */
export function SecretsPage() {
  const { t } = useTranslation();
  const may = useCan('settings:manage');
  const queries = useQueryClient();
  const list = useInfiniteQuery(secretsQuery);
  /** The secret to give a value; an empty name for a new one. */
  const [writing, setWriting] = useState<string | null>(null);

  const columns = useMemo<Column<SecretView>[]>(() => {
    const remove = async (s: SecretView) => {
      const sure = await confirm({
        title: t('settings.secrets.deleteTitle', { name: s.name }),
        text: t('settings.secrets.deleteText'),
        action: t('settings.secrets.deleteButton', { name: s.name }),
        destructive: true,
      });
      if (!sure) return;
      try {
        await deleteSecret(s.name);
        toast.done(t('settings.secrets.deleted', { name: s.name }));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: secretsQuery.queryKey });
    };
    const actions: Column<SecretView> = {
      id: 'actions',
      header: '',
      width: '32px',
      cell: (s) => (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon size={24} aria-label={t('settings.actionsOf', { name: s.name })}>
              <IconDots size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setWriting(s.name)}>{t('settings.secrets.replace')}</Menu.Item>
            <Menu.Item color="var(--st-failed)" onClick={() => void remove(s)}>
              {t('settings.secrets.delete')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ),
    };
    return [
      {
        id: 'name',
        header: t('settings.secrets.name'),
        width: 'minmax(160px, 1fr)',
        cell: (s) => <b className="mono">{s.name}</b>,
      },
      {
        id: 'use',
        header: t('settings.secrets.use'),
        width: 'minmax(200px, 1fr)',
        cell: (s) => <span className="mono">{`{{ secrets.${s.name} }}`}</span>,
      },
      {
        id: 'at',
        header: t('settings.secrets.at'),
        width: '190px',
        cell: (s) => <span className="num">{dateTime(s.updatedAt)}</span>,
      },
      { id: 'by', header: t('settings.secrets.by'), width: '160px', cell: (s) => s.updatedBy },
      ...(may ? [actions] : []),
    ];
  }, [t, may, queries]);

  const add = may && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setWriting('')}>
      {t('settings.secrets.add')}
    </Button>
  );
  return (
    <section className={css.section} aria-label={t('settings.secrets.title')}>
      <div className={css.tools}>
        <p>{t('settings.secrets.text')}</p>
        {add}
      </div>
      {list.error && (
        <ProblemNotice
          problem={list.error}
          since={list.errorUpdatedAt}
          onRetry={() => void list.refetch()}
          page={!list.data}
        />
      )}
      {list.isPending && <Loading />}
      {list.data && (
        <DataTable
          label={t('settings.secrets.title')}
          columns={columns}
          rows={rowsOf(list.data)}
          rowId={(s) => s.name}
          minWidth={760}
          empty={
            <EmptyState
              icon={<IconKey size={22} stroke={1.5} />}
              title={t('settings.secrets.none')}
              text={t('settings.secrets.noneText')}
              action={add}
            />
          }
          more={moreOf(list)}
        />
      )}
      {writing !== null && (
        <WriteSecret
          name={writing}
          onClose={() => setWriting(null)}
          onKept={(name) => {
            setWriting(null);
            toast.done(t('settings.secrets.kept', { name }));
            void queries.invalidateQueries({ queryKey: secretsQuery.queryKey });
          }}
        />
      )}
    </section>
  );
}

function WriteSecret({
  name,
  onClose,
  onKept,
}: {
  name: string;
  onClose: () => void;
  onKept: (name: string) => void;
}) {
  const { t } = useTranslation();
  const f = useForm({
    initial: { name, value: '' },
    check: (v) => ({
      ...(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(v.name) ? {} : { name: t('settings.secrets.nameWrong') }),
      ...(v.value.length >= 8 ? {} : { value: t('settings.secrets.valueShort') }),
    }),
    send: (v) => putSecret(v.name, v.value),
    done: (kept) => onKept(kept.name),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={name ? t('settings.secrets.replaceTitle', { name }) : t('settings.secrets.add')}
      centered
    >
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        {!name && (
          <TextInput
            label={t('settings.secrets.name')}
            description={t('settings.secrets.nameHint')}
            autoComplete="off"
            data-autofocus
            {...f.field('name')}
          />
        )}
        <PasswordInput
          label={t('settings.secrets.value')}
          description={t('settings.secrets.valueHint')}
          autoComplete="new-password"
          {...f.field('value')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy}>
            {t('settings.secrets.keep')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
