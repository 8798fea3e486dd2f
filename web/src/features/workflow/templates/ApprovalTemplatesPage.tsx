import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconPlus, IconUserCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { listQuery, rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { ApprovalTemplate } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import css from './Templates.module.css';

const EditTemplate = lazy(() => import('./EditTemplate'));
const templatesQuery = listQuery(['approval-templates'], '/approval-templates');

/** How approvals ask, by name. */
export function ApprovalTemplatesPage() {
  const t = useWords();
  const shared = useTranslation().t;
  const may = useCan('settings:manage');
  const queries = useQueryClient();
  const list = useInfiniteQuery(templatesQuery);
  const [editing, setEditing] = useState<ApprovalTemplate | 'new' | null>(null);
  const columns = useMemo<Column<ApprovalTemplate>[]>(() => {
    const remove = async (name: string) => {
      const sure = await confirm({
        title: t('approvalTemplates.deleteTitle', { name }),
        text: t('approvalTemplates.deleteText'),
        action: t('approvalTemplates.deleteButton', { name }),
        destructive: true,
      });
      if (!sure) return;
      try {
        await http.delete(`/approval-templates/${encodeURIComponent(name)}`);
        toast.done(t('approvalTemplates.deleted', { name }));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: templatesQuery.queryKey });
    };
    const actions: Column<ApprovalTemplate> = {
      id: 'actions',
      header: '',
      width: '32px',
      cell: (x) => (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon size={24} aria-label={t('approvalTemplates.actions', { name: x.name })}>
              <IconDots size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setEditing(x)}>{t('approvalTemplates.edit')}</Menu.Item>
            <Menu.Item color="var(--st-failed)" onClick={() => void remove(x.name)}>
              {t('approvalTemplates.delete')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ),
    };
    return [
      { id: 'name', header: t('approvalTemplates.name'), width: '200px', main: true, cell: (x) => x.name },
      {
        id: 'asks',
        header: t('approvalTemplates.asks'),
        width: '220px',
        cell: (x) => asks(x.settings, t, (role) => shared(`role.${role}`, role)),
      },
      {
        id: 'description',
        header: t('approvalTemplates.description'),
        width: 'minmax(160px, 1fr)',
        cell: (x) => x.description,
      },
      {
        id: 'at',
        header: t('approvalTemplates.at'),
        width: '190px',
        cell: (x) => <span className="num">{dateTime(x.updatedAt)}</span>,
      },
      { id: 'by', header: t('approvalTemplates.by'), width: '140px', cell: (x) => x.updatedBy },
      ...(may ? [actions] : []),
    ];
  }, [t, shared, may, queries]);
  const add = may && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing('new')}>
      {t('approvalTemplates.add')}
    </Button>
  );
  return (
    <section className={css.section} aria-label={t('approvalTemplates.title')}>
      <div className={css.tools}>
        <p>{t('approvalTemplates.text')}</p>
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
          label={t('approvalTemplates.title')}
          columns={columns}
          rows={rowsOf(list.data)}
          rowId={(x) => x.name}
          minWidth={860}
          empty={
            <EmptyState
              icon={<IconUserCheck size={22} stroke={1.5} />}
              title={t('approvalTemplates.none')}
              text={t('approvalTemplates.noneText')}
              action={add}
            />
          }
          more={moreOf(list)}
        />
      )}
      {editing && (
        <Suspense>
          <EditTemplate
            template={editing === 'new' ? null : editing}
            onClose={() => setEditing(null)}
            onKept={(name) => {
              setEditing(null);
              toast.done(t('approvalTemplates.kept', { name }));
              void queries.invalidateQueries({ queryKey: templatesQuery.queryKey });
            }}
          />
        </Suspense>
      )}
    </section>
  );
}

type Words = ReturnType<typeof useWords>;

/** "2 of Responder", or how many stages there are. */
function asks(settings: Record<string, unknown>, t: Words, role: (name: string) => string): string {
  const stages = Array.isArray(settings.stages) ? settings.stages : [];
  if (stages.length > 1) return t('approvalTemplates.stages', { count: stages.length });
  const one = (stages[0] ?? { roles: [settings.role], need: 1 }) as Record<string, unknown>;
  const who = [one.roles, one.users].flatMap((x) => (Array.isArray(x) ? x : [])).map(String);
  return t('approvalTemplates.someone', { need: Number(one.need ?? 1), who: who.map(role).join(', ') });
}
