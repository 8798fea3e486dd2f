import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconPlus, IconWorld, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/shared/ui/CopyButton';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { FactorDialog } from './FactorDialog';
import css from './Settings.module.css';

type Name = { name: string; record: string; text: string; provedAt?: string | null };

/** Names in the DNS that the company has proved, or can prove by the record that stands beside them. */
export function ProvedNames({
  words,
  missing,
  field,
  rows,
  prove: ask,
  add,
  remove,
  refresh,
}: {
  /** Under which they all are in the catalogue. */
  words: 'settings.idp' | 'settings.branding.hosts';
  missing: string;
  /** What the server calls the name. */
  field: string;
  rows: Name[];
  prove: (name: string) => Promise<unknown>;
  add: (code: { code?: string }, name: string) => Promise<unknown>;
  remove: (name: string, code: { code?: string }) => Promise<unknown>;
  refresh: () => void;
}) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string | null>(null);
  const prove = useMutation({
    mutationFn: ask,
    onSuccess: (_, domain) => toast.done(t(`${words}.domainProved`, { domain })),
    onError: (e) => toast.failed(e),
    onSettled: refresh,
  });
  const columns = useMemo<Column<Name>[]>(
    () => [
      {
        id: 'domain',
        header: t(`${words}.domain`),
        width: 'minmax(150px, 0.7fr)',
        cell: (d) => <b>{d.name}</b>,
        sort: (d) => d.name,
      },
      {
        id: 'state',
        header: t('settings.keys.state'),
        width: '120px',
        cell: (d) => <Status value={d.provedAt ? 'proved' : 'unproved'} />,
        sort: (d) => d.provedAt ?? '',
      },
      {
        id: 'record',
        header: t(`${words}.record`),
        width: 'minmax(200px, 1fr)',
        cell: (d) => <Copied text={d.record} />,
      },
      {
        id: 'text',
        header: t(`${words}.recordText`),
        width: 'minmax(200px, 1fr)',
        cell: (d) => <Copied text={d.text} />,
      },
      {
        id: 'prove',
        header: '',
        width: '116px',
        cell: (d) =>
          d.provedAt ? null : (
            <Button
              variant="default"
              size="compact-xs"
              loading={prove.isPending && prove.variables === d.name}
              aria-label={t(`${words}.proveOf`, { domain: d.name })}
              onClick={() => prove.mutate(d.name)}
            >
              {t(`${words}.prove`)}
            </Button>
          ),
      },
      {
        id: 'remove',
        header: '',
        width: '32px',
        cell: (d) => (
          <Tooltip label={t(`${words}.removeDomain`)}>
            <ActionIcon
              size={24}
              aria-label={t(`${words}.removeDomainOf`, { domain: d.name })}
              onClick={() => setRemoving(d.name)}
            >
              <IconX size={15} />
            </ActionIcon>
          </Tooltip>
        ),
      },
    ],
    [t, words, prove.isPending, prove.variables, prove.mutate],
  );
  return (
    <>
      <div className={`${css.tools} ${css.wraps}`}>
        <p>{t(`${words}.domainsText`)}</p>
        <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
          {t(`${words}.addDomain`)}
        </Button>
      </div>
      <DataTable
        label={t(`${words}.domains`)}
        columns={columns}
        rows={rows}
        rowId={(d) => d.name}
        minWidth={880}
        empty={
          <EmptyState
            icon={<IconWorld size={22} stroke={1.5} />}
            title={t(`${words}.noDomains`)}
            text={t(`${words}.noDomainsText`)}
          />
        }
      />
      {adding && (
        <FactorDialog
          title={t(`${words}.addDomain`)}
          text={t(`${words}.addText`)}
          action={t(`${words}.addDomain`)}
          input={{ name: field, label: t(`${words}.domain`), missing }}
          send={add}
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            refresh();
          }}
        />
      )}
      {removing !== null && (
        <FactorDialog
          title={t(`${words}.removeDomainTitle`, { domain: removing })}
          text={t(`${words}.removeDomainText`)}
          action={t(`${words}.removeDomain`)}
          destructive
          send={(v) => remove(removing, v)}
          onClose={() => setRemoving(null)}
          onDone={() => {
            setRemoving(null);
            refresh();
          }}
        />
      )}
    </>
  );
}

/** One half of a record, which goes into two fields at the DNS. */
function Copied({ text }: { text: string }) {
  return (
    <span className={css.idpRecord}>
      <code title={text}>{text}</code>
      <CopyButton text={text} size="compact-xs" />
    </span>
  );
}
