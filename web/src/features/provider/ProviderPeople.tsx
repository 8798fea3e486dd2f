import { Button, Modal, Select } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sessionQuery } from '@/shared/client/session';
import type { ProviderPersonView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { EmptyState } from '@/shared/ui/EmptyState';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { giveRole, PROVIDER_ROLES, peopleQuery, takeRole } from './api';
import css from './Provider.module.css';

/** Which of the provider's people act in customers, and as what. */
export function ProviderPeople() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, errorUpdatedAt, refetch } = useQuery(peopleQuery);
  const [giving, setGiving] = useState<ProviderPersonView | null>(null);
  const changed = () => {
    void queries.invalidateQueries({ queryKey: peopleQuery.queryKey });
    // It may have been one's own role.
    void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  const take = async (p: ProviderPersonView) => {
    const sure = await confirm({
      title: t('provider.people.takeTitle', { name: p.name }),
      text: t('provider.people.takeText'),
      action: t('provider.people.take'),
      destructive: true,
    });
    if (!sure) return;
    try {
      await takeRole(p.id);
      toast.done(t('provider.people.taken', { name: p.name }));
    } catch (e) {
      toast.failed(e);
    }
    changed();
  };
  const columns: Column<ProviderPersonView>[] = [
    {
      id: 'name',
      header: t('provider.people.name'),
      width: 'minmax(150px, 1fr)',
      cell: (p) => <b>{p.name}</b>,
      sort: (p) => p.name,
    },
    {
      id: 'role',
      header: t('provider.people.role'),
      width: 'minmax(150px, 1fr)',
      cell: (p) =>
        p.role ? t(`role.${p.role}`, p.role) : <span className={css.dim}>{t('provider.people.noRole')}</span>,
      sort: (p) => p.role ?? '',
    },
    {
      id: 'actions',
      header: '',
      width: '230px',
      end: true,
      cell: (p) => (
        <span className={css.counts}>
          <Button size="compact-xs" variant="default" onClick={() => setGiving(p)}>
            {t(p.role ? 'provider.people.change' : 'provider.people.give')}
          </Button>
          {p.role && (
            <Button size="compact-xs" variant="default" onClick={() => void take(p)}>
              {t('provider.people.take')}
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <div className={css.bar}>
        <p>{t('provider.people.text')}</p>
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <DataTable
          label={t('provider.tab.people')}
          columns={columns}
          rows={data}
          rowId={(p) => p.id}
          minWidth={620}
          empty={
            <EmptyState
              icon={<IconUsers size={22} stroke={1.5} />}
              title={t('provider.people.none')}
              text={t('provider.people.noneText')}
            />
          }
        />
      )}
      {giving && (
        <Give
          person={giving}
          onClose={() => setGiving(null)}
          onGiven={() => {
            setGiving(null);
            changed();
          }}
        />
      )}
    </>
  );
}

function Give({
  person,
  onClose,
  onGiven,
}: {
  person: ProviderPersonView;
  onClose: () => void;
  onGiven: () => void;
}) {
  const { t } = useTranslation();
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: { role: person.role ?? 'provider-analyst', code: '' },
    check: (v) => (confirmed || v.code.trim() ? {} : { code: t('provider.codeHint') }),
    send: (v) => giveRole(person.id, { role: v.role, ...(confirmed ? {} : { code: v.code.trim() }) }),
    done: onGiven,
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('provider.wrongCode') };
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('provider.people.giveTitle', { name: person.name })}
      size="sm"
      centered
    >
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <Select
          label={t('provider.people.role')}
          description={t(`provider.does.${f.values.role}`)}
          allowDeselect={false}
          value={f.values.role}
          data={PROVIDER_ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
          onChange={(v) => v && f.set('role', v)}
        />
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('provider.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('provider.people.give')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
