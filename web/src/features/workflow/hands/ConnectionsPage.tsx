import { Button, Modal, NumberInput, TextInput } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/shared/client/session';
import type { ConnectionView } from '@/shared/client/types';
import { dateTime, number } from '@/shared/lib/format';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { EmptyState } from '@/shared/ui/EmptyState';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { closeConnection, connectionsQuery, limitConnection } from './api';
import css from './Hands.module.css';

type Edited = { connector: string; target: string; perMinute: number | null; burst: number | null };

/** Connections to outside products of which there is something to know: left alone, tried again, limited. */
export function ConnectionsPage() {
  const t = useWords();
  const may = useCan('settings:manage');
  const queries = useQueryClient();
  const query = useQuery(connectionsQuery);
  const [edited, setEdited] = useState<Edited | null>(null);
  const close = useMutation({
    mutationFn: closeConnection,
    onSuccess: (c) => {
      void queries.invalidateQueries({ queryKey: connectionsQuery.queryKey });
      toast.done(t('connections.closed', { name: nameOf(c) }));
    },
    onError: toast.failed,
  });
  const askClose = async (c: ConnectionView) => {
    const yes = await confirm({
      title: t('connections.closeTitle', { name: nameOf(c) }),
      text: t('connections.closeText'),
      action: t('connections.close'),
    });
    if (yes) close.mutate(c);
  };
  const columns: Column<ConnectionView>[] = [
    {
      id: 'name',
      header: t('connections.name'),
      width: 'minmax(180px, 1fr)',
      cell: (c) => <span className="mono">{nameOf(c)}</span>,
    },
    {
      id: 'state',
      header: t('connections.state'),
      width: 'minmax(180px, 2fr)',
      cell: (c) => (
        <span title={c.reason ?? undefined}>
          {t(`connections.is.${c.state}`, { when: c.until ? dateTime(c.until) : '' })}
          {c.state !== 'closed' && c.reason ? `: ${c.reason}` : ''}
        </span>
      ),
    },
    {
      id: 'waiting',
      header: t('connections.waiting'),
      width: '90px',
      end: true,
      cell: (c) => <span className="num">{number(c.waiting)}</span>,
    },
    {
      id: 'opened',
      header: t('connections.opened'),
      width: '100px',
      end: true,
      cell: (c) => <span className="num">{number(c.opened)}</span>,
    },
    {
      id: 'limit',
      header: t('connections.limit'),
      width: '140px',
      cell: (c) =>
        c.perMinute ? t('connections.perMinute', { count: c.perMinute }) : t('connections.noLimit'),
    },
    ...(may
      ? [
          {
            id: 'actions',
            header: '',
            width: '230px',
            cell: (c: ConnectionView) => (
              <span className={css.links}>
                <Button variant="default" size="compact-xs" onClick={() => setEdited(c)}>
                  {t('connections.change')}
                </Button>
                {c.state !== 'closed' && (
                  <Button variant="default" size="compact-xs" onClick={() => void askClose(c)}>
                    {t('connections.close')}
                  </Button>
                )}
              </span>
            ),
          },
        ]
      : []),
  ];
  const add = may && (
    <Button
      leftSection={<IconPlus size={14} />}
      onClick={() => setEdited({ connector: 'http', target: '', perMinute: null, burst: null })}
    >
      {t('connections.add')}
    </Button>
  );
  return (
    <section className={css.section} aria-label={t('connections.title')}>
      <div className={layout.bar}>
        <p className={dialog.text}>{t('connections.text')}</p>
        <span className={layout.space} />
        {add}
      </div>
      {query.isError && (
        <ProblemNotice
          page={!query.data}
          problem={query.error}
          since={query.errorUpdatedAt}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isPending && <Loading />}
      {query.data && (
        <DataTable
          label={t('connections.title')}
          columns={columns}
          rows={query.data.items}
          rowId={nameOf}
          minWidth={900}
          empty={
            <EmptyState
              icon={<IconPlugConnected size={22} stroke={1.5} />}
              title={t('connections.none')}
              text={t('connections.noneText')}
            />
          }
        />
      )}
      {edited && <LimitDialog edited={edited} onClose={() => setEdited(null)} />}
    </section>
  );
}

const nameOf = (c: { connector: string; target: string }) =>
  c.target ? `${c.connector} ${c.target}` : c.connector;

function LimitDialog({ edited, onClose }: { edited: Edited; onClose: () => void }) {
  const t = useWords();
  const ui = useTranslation().t;
  const queries = useQueryClient();
  const [connector, setConnector] = useState(edited.connector);
  const [target, setTarget] = useState(edited.target);
  const [perMinute, setPerMinute] = useState(edited.perMinute);
  const [burst, setBurst] = useState(edited.burst);
  const known = edited.target !== '';
  const save = useMutation({
    mutationFn: () => limitConnection(connector.trim(), target.trim(), perMinute, burst),
    onSuccess: (c) => {
      void queries.invalidateQueries({ queryKey: connectionsQuery.queryKey });
      toast.done(t('connections.limited', { name: nameOf(c) }));
      onClose();
    },
  });
  const whole = (v: string | number) => (v === '' ? null : Math.round(Number(v)));
  return (
    <Modal opened onClose={onClose} title={t('connections.limitTitle')} size="sm" centered>
      <form
        className={dialog.form}
        onSubmit={(e) => {
          e.preventDefault();
          if (connector.trim()) save.mutate();
        }}
      >
        <p className={dialog.text}>{t('connections.limitText')}</p>
        <TextInput
          label={t('connections.connector')}
          required
          value={connector}
          disabled={known}
          onChange={(e) => setConnector(e.currentTarget.value)}
        />
        <TextInput
          label={t('connections.target')}
          description={t('connections.targetHelp')}
          value={target}
          disabled={known}
          onChange={(e) => setTarget(e.currentTarget.value)}
          data-autofocus
        />
        <NumberInput
          label={t('connections.most')}
          description={t('connections.mostHelp')}
          min={1}
          max={60_000}
          allowDecimal={false}
          value={perMinute ?? ''}
          onChange={(v) => setPerMinute(whole(v))}
          hideControls
        />
        <NumberInput
          label={t('connections.burst')}
          description={t('connections.burstHelp')}
          min={1}
          max={1_000}
          allowDecimal={false}
          value={burst ?? ''}
          onChange={(v) => setBurst(whole(v))}
          hideControls
        />
        {save.isError && <ProblemNotice problem={save.error} />}
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {ui('ui.cancel')}
          </Button>
          <Button type="submit" disabled={!connector.trim()} loading={save.isPending}>
            {t('connections.save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
