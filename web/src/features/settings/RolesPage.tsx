import { ActionIcon, Button, Checkbox, Menu, Modal, Textarea, TextInput } from '@mantine/core';
import { IconCheck, IconDots, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useSession } from '@/shared/client/session';
import type { RoleView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { confirm } from '@/shared/ui/confirm';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { deleteRole, putRole, rolesQuery } from './api';
import css from './Settings.module.css';

const NEW: RoleView = { name: '', builtIn: false, permissions: [], conditions: '', revision: 0 };

/** Who may do what: every role against every permission, and the company's own roles to change. */
export function RolesPage() {
  const { t } = useTranslation();
  const may = useCan('user:manage');
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(rolesQuery);
  const [editing, setEditing] = useState<RoleView | null>(null);
  // What the company made itself comes first: it is what one comes for.
  const roles = [...(data?.items ?? [])].sort((a, b) => Number(a.builtIn) - Number(b.builtIn));
  const refresh = () => void queries.invalidateQueries({ queryKey: rolesQuery.queryKey });

  const remove = async ({ name }: RoleView) => {
    const sure = await confirm({
      title: t('settings.roles.deleteTitle', { name }),
      text: t('settings.roles.deleteText'),
      action: t('settings.roles.deleteButton', { name }),
      destructive: true,
    });
    if (!sure) return;
    try {
      await deleteRole(name);
      toast.done(t('settings.roles.deleted', { name }));
    } catch (e) {
      toast.failed(e);
    }
    refresh();
  };
  return (
    <section className={css.section} aria-label={t('settings.roles.title')}>
      <div className={css.tools}>
        <p>{t('settings.roles.text')}</p>
        {may && (
          <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing(NEW)}>
            {t('settings.roles.add')}
          </Button>
        )}
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
        <div className={css.matrix} tabIndex={0}>
          <table aria-label={t('settings.roles.matrix')}>
            <thead>
              <tr>
                <th scope="col">{t('settings.roles.permission')}</th>
                {roles.map((role) => (
                  <th key={role.name} scope="col" data-own={!role.builtIn || undefined}>
                    <span>
                      {t(`role.${role.name}`, role.name)}
                      {!role.builtIn && may && (
                        <Menu position="bottom-end">
                          <Menu.Target>
                            <ActionIcon size={24} aria-label={t('settings.actionsOf', { name: role.name })}>
                              <IconDots size={15} />
                            </ActionIcon>
                          </Menu.Target>
                          <Menu.Dropdown>
                            <Menu.Item onClick={() => setEditing(role)}>
                              {t('settings.roles.change')}
                            </Menu.Item>
                            <Menu.Item color="var(--st-failed)" onClick={() => void remove(role)}>
                              {t('settings.roles.delete')}
                            </Menu.Item>
                          </Menu.Dropdown>
                        </Menu>
                      )}
                    </span>
                    {role.conditions && <small>{t('settings.roles.conditional')}</small>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.permissions.map((permission) => (
                <tr key={permission}>
                  <th scope="row" className="mono">
                    {permission}
                  </th>
                  {roles.map((role) => (
                    <td key={role.name}>
                      {role.permissions.includes(permission) ? (
                        <IconCheck size={15} role="img" aria-label={t('settings.roles.yes')} />
                      ) : (
                        <span className={css.dim} role="img" aria-label={t('settings.roles.no')}>
                          –
                        </span>
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {editing && (
        <RoleForm
          role={editing}
          onClose={() => setEditing(null)}
          onDone={(role) => {
            setEditing(null);
            toast.done(t('settings.roles.saved', { name: role.name }));
            refresh();
          }}
        />
      )}
    </section>
  );
}

function RoleForm({
  role,
  onClose,
  onDone,
}: {
  role: RoleView;
  onClose: () => void;
  onDone: (role: RoleView) => void;
}) {
  const { t } = useTranslation();
  const own = [...useSession().permissions].sort();
  const f = useForm({
    initial: { name: role.name, permissions: role.permissions.join(' '), conditions: role.conditions },
    check: (v) => ({
      ...(/^[a-z][a-z0-9-]{1,39}$/.test(v.name) ? {} : { name: t('settings.roles.nameHint') }),
      ...(v.permissions ? {} : { permissions: t('settings.roles.permissionsMissing') }),
    }),
    send: (v) =>
      putRole(v.name, {
        permissions: v.permissions.split(' ') as typeof own,
        conditions: v.conditions.trim(),
        ...(role.revision ? { revision: role.revision } : {}),
      }),
    done: onDone,
  });
  const permissions = f.field('permissions');
  return (
    <Modal
      opened
      onClose={onClose}
      title={role.name ? t('settings.roles.changeTitle', { name: role.name }) : t('settings.roles.add')}
      centered
      size="lg"
    >
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        {!role.name && (
          <TextInput
            label={t('settings.roles.name')}
            description={t('settings.roles.nameHint')}
            autoComplete="off"
            data-autofocus
            {...f.field('name')}
          />
        )}
        <Checkbox.Group
          label={t('settings.roles.permissions')}
          description={t('settings.roles.permissionsHint')}
          error={permissions.error}
          value={f.values.permissions ? f.values.permissions.split(' ') : []}
          onChange={(chosen) => f.set('permissions', chosen.join(' '))}
        >
          <div className={css.scopes}>
            {own.map((p) => (
              <Checkbox key={p} value={p} label={<span className="mono">{p}</span>} />
            ))}
          </div>
        </Checkbox.Group>
        <Textarea
          label={t('settings.roles.conditions')}
          description={t('settings.roles.conditionsHint')}
          autosize
          minRows={2}
          maxRows={8}
          data-code
          {...f.field('conditions')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy}>
            {t('settings.roles.save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
