import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { IconDots, IconPlus, IconRobot } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewKeyView, Permission, ServiceView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { addService, changeService, makeKeyOf, servicesQuery } from './api';
import { MakeKey, NewKeyDialog } from './KeyDialogs';
import { RoleSelect } from './RoleSelect';
import css from './Settings.module.css';

/** Accounts of programs: no password, only keys. */
export function ServiceAccounts() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, isPending, refetch } = useQuery(servicesQuery);
  const [adding, setAdding] = useState(false);
  const [making, setMaking] = useState<ServiceView | null>(null);
  const [changing, setChanging] = useState<ServiceView | null>(null);
  const [made, setMade] = useState<NewKeyView | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: servicesQuery.queryKey });

  const columns = useMemo<Column<ServiceView>[]>(() => {
    const toggle = async (s: ServiceView) => {
      const disabled = !s.disabled;
      const sure =
        !disabled ||
        (await confirm({
          title: t('settings.keys.disableTitle', { name: s.name }),
          text: t('settings.keys.disableText'),
          action: t('settings.keys.disableButton', { name: s.name }),
          destructive: true,
        }));
      if (!sure) return;
      try {
        await changeService(s.id, { disabled });
        toast.done(t(disabled ? 'settings.keys.disabled' : 'settings.keys.enabled', { name: s.name }));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: servicesQuery.queryKey });
    };
    return [
      {
        id: 'name',
        header: t('settings.keys.serviceName'),
        width: 'minmax(200px, 1.4fr)',
        cell: (s) => (
          <span>
            <b>{s.name}</b>
            {s.description && <span className={css.dim}> · {s.description}</span>}
          </span>
        ),
        sort: (s) => s.name,
      },
      {
        id: 'role',
        header: t('settings.keys.role'),
        width: '150px',
        cell: (s) => t(`role.${s.role}`, s.role),
        sort: (s) => s.role,
      },
      {
        id: 'state',
        header: t('settings.keys.state'),
        width: '100px',
        cell: (s) => <Status value={s.disabled ? 'disabled' : 'active'} />,
      },
      {
        id: 'keys',
        header: t('settings.keys.keys'),
        width: '64px',
        end: true,
        cell: (s) => <span className={`num ${s.keys > 0 ? '' : css.dim}`}>{s.keys}</span>,
        sort: (s) => s.keys,
      },
      { id: 'by', header: t('settings.keys.createdBy'), width: '150px', cell: (s) => s.createdBy },
      {
        id: 'make',
        header: '',
        width: '92px',
        cell: (s) =>
          !s.disabled && (
            <Button
              variant="default"
              size="compact-xs"
              aria-label={t('settings.keys.makeTitleFor', { name: s.name })}
              onClick={() => setMaking(s)}
            >
              {t('settings.keys.make')}
            </Button>
          ),
      },
      {
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
              <Menu.Item onClick={() => setChanging(s)}>{t('settings.keys.changeRole')}</Menu.Item>
              <Menu.Item color={s.disabled ? undefined : 'var(--st-failed)'} onClick={() => void toggle(s)}>
                {t(s.disabled ? 'settings.keys.enable' : 'settings.keys.disable')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ),
      },
    ];
  }, [t, queries]);

  const add = (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
      {t('settings.keys.addService')}
    </Button>
  );
  return (
    <>
      <div className={css.tools}>
        <p>{t('settings.keys.serviceText')}</p>
        {add}
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {isPending && <Loading />}
      {data && (
        <DataTable
          label={t('settings.keys.services')}
          columns={columns}
          rows={data.items}
          rowId={(s) => s.id}
          minWidth={820}
          empty={
            <EmptyState
              icon={<IconRobot size={22} stroke={1.5} />}
              title={t('settings.keys.serviceNone')}
              text={t('settings.keys.serviceNoneText')}
              action={add}
            />
          }
        />
      )}
      {adding && (
        <AddService
          onClose={() => setAdding(false)}
          onAdded={(s) => {
            setAdding(false);
            toast.done(t('settings.keys.serviceAdded', { name: s.name }));
            refresh();
          }}
        />
      )}
      {changing && (
        <RoleDialog
          service={changing}
          onClose={() => setChanging(null)}
          onChanged={(s) => {
            setChanging(null);
            toast.done(t('settings.keys.roleChanged', { name: s.name, role: t(`role.${s.role}`, s.role) }));
            refresh();
          }}
        />
      )}
      {making && (
        <MakeKey
          name={making.name}
          possible={making.possibleScopes as Permission[]}
          send={(v) => makeKeyOf(making.id, v)}
          onClose={() => setMaking(null)}
          onMade={(key) => {
            setMaking(null);
            setMade(key);
          }}
        />
      )}
      {made && <NewKeyDialog made={made} onClose={() => setMade(null)} />}
    </>
  );
}

function AddService({ onClose, onAdded }: { onClose: () => void; onAdded: (s: ServiceView) => void }) {
  const { t } = useTranslation();
  const f = useForm({
    initial: { name: '', description: '', role: 'analyst' },
    check: (v) => (v.name.trim() ? {} : { name: t('settings.keys.serviceNameMissing') }),
    send: (v) => addService({ name: v.name.trim(), description: v.description.trim(), role: v.role }),
    done: onAdded,
  });
  return (
    <Modal opened onClose={onClose} title={t('settings.keys.addService')} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('settings.keys.serviceName')}
          description={t('settings.keys.serviceNameHint')}
          autoComplete="off"
          data-autofocus
          {...f.field('name')}
        />
        <TextInput label={t('settings.keys.description')} autoComplete="off" {...f.field('description')} />
        <RoleSelect value={f.values.role} onChange={(role) => f.set('role', role)} />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy}>
            {t('settings.keys.addService')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function RoleDialog({
  service,
  onClose,
  onChanged,
}: {
  service: ServiceView;
  onClose: () => void;
  onChanged: (s: ServiceView) => void;
}) {
  const { t } = useTranslation();
  const f = useForm({
    initial: { role: service.role },
    send: (v) => changeService(service.id, { role: v.role }),
    done: onChanged,
  });
  return (
    <Modal opened onClose={onClose} title={t('settings.keys.roleTitle', { name: service.name })} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <RoleSelect value={f.values.role} onChange={(role) => f.set('role', role)} />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.values.role === service.role}>
            {t('settings.keys.roleButton', { name: service.name })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
