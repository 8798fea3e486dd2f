import { Button, Modal, TextInput } from '@mantine/core';
import { IconDownload, IconLock, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sessionQuery } from '@/shared/client/session';
import type { CompanyExportView, CustodyView, LegalHoldView } from '@/shared/client/types';
import { dateTime, number } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { askExport, custodyQuery, deleteCompany, fetchExport, liftHold, setHold } from './api';
import { FactorDialog } from './FactorDialog';
import css from './Settings.module.css';

/** Taking the company's data out, holding it, and deleting the company. */
export function CustodyPanels() {
  const { data, error, errorUpdatedAt, refetch } = useQuery(custodyQuery);
  return (
    <>
      {error && <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <>
          <Exports exports={data.exports} />
          <Holds holds={data.holds} />
          <Deletion custody={data} />
        </>
      )}
    </>
  );
}

const again = (queries: ReturnType<typeof useQueryClient>) =>
  queries.invalidateQueries({ queryKey: custodyQuery.queryKey });

function Exports({ exports }: { exports: CompanyExportView[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const columns = useMemo<Column<CompanyExportView>[]>(
    () => [
      {
        id: 'at',
        header: t('settings.custody.askedAt'),
        width: '150px',
        cell: (e) => <span className="num">{dateTime(e.askedAt)}</span>,
        sort: (e) => e.askedAt,
      },
      {
        id: 'by',
        header: t('settings.custody.by'),
        width: 'minmax(110px, 1fr)',
        cell: (e) => e.askedBy,
        sort: (e) => e.askedBy,
      },
      {
        id: 'state',
        header: t('settings.custody.state'),
        width: '170px',
        cell: (e) => (
          <span title={e.failure ?? undefined}>
            <Status value={e.state} />
          </span>
        ),
        sort: (e) => e.state,
      },
      {
        id: 'rows',
        header: t('settings.custody.rows'),
        width: '92px',
        end: true,
        cell: (e) => <span className="num">{number(e.rows)}</span>,
        sort: (e) => e.rows,
      },
      {
        id: 'hash',
        header: t('settings.custody.hash'),
        width: 'minmax(120px, 1fr)',
        cell: (e) =>
          e.sha256 ? (
            <code title={e.sha256}>{e.sha256.slice(0, 16)}</code>
          ) : (
            <span className={css.dim}>{e.failure ?? ''}</span>
          ),
      },
    ],
    [t],
  );
  return (
    <Panel
      title={t('settings.custody.export')}
      hint={t('settings.custody.exportHint')}
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          onClick={() => setAsking(true)}
        >
          {t('settings.custody.exportAction')}
        </Button>
      }
      flush
    >
      <DataTable
        label={t('settings.custody.export')}
        columns={columns}
        rows={exports}
        rowId={(e) => e.id}
        minWidth={680}
        empty={<p className={css.nothing}>{t('settings.custody.exportNone')}</p>}
      />
      {asking && (
        <FactorDialog
          hint={t('settings.custody.codeHint')}
          title={t('settings.custody.exportTitle')}
          text={t('settings.custody.exportText')}
          action={t('settings.custody.exportAction')}
          send={async (code) => fetchExport((await askExport(code)).id)}
          onClose={() => setAsking(false)}
          onDone={() => {
            toast.done(t('settings.custody.exportBegun'));
            setAsking(false);
            void again(queries);
          }}
        />
      )}
    </Panel>
  );
}

function Holds({ holds }: { holds: LegalHoldView[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [setting, setSetting] = useState(false);
  const [lifting, setLifting] = useState<LegalHoldView | null>(null);
  const columns = useMemo<Column<LegalHoldView>[]>(
    () => [
      {
        id: 'at',
        header: t('settings.custody.setAt'),
        width: '150px',
        cell: (h) => <span className="num">{dateTime(h.setAt)}</span>,
        sort: (h) => h.setAt,
      },
      {
        id: 'by',
        header: t('settings.custody.by'),
        width: 'minmax(110px, 1fr)',
        cell: (h) => h.setBy,
        sort: (h) => h.setBy,
      },
      {
        id: 'reason',
        header: t('settings.custody.reason'),
        width: 'minmax(160px, 2fr)',
        cell: (h) => <span title={h.reason}>{h.reason}</span>,
        sort: (h) => h.reason,
      },
      {
        id: 'end',
        header: t('settings.custody.end'),
        width: 'minmax(170px, 1fr)',
        cell: (h) =>
          h.liftedAt ? (
            <span className={css.dim} title={h.liftedReason ?? undefined}>
              {t('settings.custody.lifted', { at: dateTime(h.liftedAt), by: h.liftedBy })}
            </span>
          ) : h.byOperator ? (
            <span>{t('settings.custody.operators')}</span>
          ) : (
            <Button size="compact-xs" variant="default" onClick={() => setLifting(h)}>
              {t('settings.custody.lift')}
            </Button>
          ),
      },
    ],
    [t],
  );
  return (
    <Panel
      title={t('settings.custody.holds')}
      hint={t('settings.custody.holdsHint')}
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconLock size={14} />}
          onClick={() => setSetting(true)}
        >
          {t('settings.custody.hold')}
        </Button>
      }
      flush
    >
      <DataTable
        label={t('settings.custody.holds')}
        columns={columns}
        rows={holds}
        rowId={(h) => h.id}
        minWidth={680}
        empty={<p className={css.nothing}>{t('settings.custody.holdsNone')}</p>}
      />
      {setting && (
        <FactorDialog
          hint={t('settings.custody.codeHint')}
          title={t('settings.custody.holdTitle')}
          text={t('settings.custody.holdText')}
          action={t('settings.custody.hold')}
          input={{
            name: 'reason',
            label: t('settings.custody.reason'),
            missing: t('settings.custody.reasonMissing'),
          }}
          send={(code, reason) => setHold({ reason, ...code })}
          onClose={() => setSetting(false)}
          onDone={() => {
            toast.done(t('settings.custody.held'));
            setSetting(false);
            void again(queries);
          }}
        />
      )}
      {lifting && (
        <FactorDialog
          hint={t('settings.custody.codeHint')}
          title={t('settings.custody.liftTitle')}
          text={t('settings.custody.liftText', { reason: lifting.reason })}
          action={t('settings.custody.lift')}
          input={{
            name: 'reason',
            label: t('settings.custody.liftReason'),
            missing: t('settings.custody.reasonMissing'),
          }}
          send={(code, reason) => liftHold(lifting.id, { reason, ...code })}
          onClose={() => setLifting(null)}
          onDone={() => {
            toast.done(t('settings.custody.liftDone'));
            setLifting(null);
            void again(queries);
          }}
        />
      )}
    </Panel>
  );
}

function Deletion({ custody }: { custody: CustodyView }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const standing = custody.holds.find((h) => !h.liftedAt);
  return (
    <Panel
      title={t('settings.custody.deletion')}
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTrash size={14} />}
          disabled={standing !== undefined}
          onClick={() => setAsking(true)}
        >
          {t('settings.custody.delete')}
        </Button>
      }
    >
      <p className={dialog.text}>{t('settings.custody.deletionText', { count: custody.graceDays })}</p>
      {standing && (
        <p className={dialog.text}>
          <IconLock size={14} aria-hidden /> {t('settings.custody.heldBy', { reason: standing.reason })}
        </p>
      )}
      {asking && <DeleteDialog days={custody.graceDays} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

/** Typed, with a reason and a fresh factor: from then on the company stands still. */
function DeleteDialog({ days, onClose }: { days: number; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const company = session?.tenant?.name ?? '';
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: { name: '', reason: '', code: '' },
    check: (v) => ({
      ...(v.name.trim() === company ? {} : { name: t('settings.custody.nameWrong') }),
      ...(v.reason.trim() ? {} : { reason: t('settings.custody.reasonMissing') }),
      ...(confirmed || v.code.trim() ? {} : { code: t('settings.custody.codeMissing') }),
    }),
    send: (v) =>
      deleteCompany({
        name: v.name.trim(),
        reason: v.reason.trim(),
        ...(confirmed ? {} : { code: v.code.trim() }),
      }),
    // The company stands still from here on: the session says so, and the page that tells it comes by itself.
    done: () =>
      void queries.fetchQuery({ ...sessionQuery, staleTime: 0 }).finally(() => location.assign('/')),
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('settings.keys.wrongCode') };
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('settings.custody.deleteTitle')} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={dialog.text}>{t('settings.custody.deleteText', { count: days })}</p>
        <TextInput
          label={t('settings.custody.name', { company })}
          autoComplete="off"
          data-autofocus
          {...f.field('name')}
        />
        <TextInput
          label={t('settings.custody.reason')}
          description={t('settings.custody.reasonHint')}
          autoComplete="off"
          {...f.field('reason')}
        />
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('settings.custody.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" color="red.8" loading={f.busy} disabled={f.wait > 0}>
            {t('settings.custody.delete')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
