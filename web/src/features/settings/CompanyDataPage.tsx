import { Button, Modal } from '@mantine/core';
import { IconCheck, IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CompanyKeyVersionView, CompanyKeyView } from '@/shared/client/types';
import { dateTime, number } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { FactorOnceMore } from '@/shared/ui/FactorOnceMore';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { companyKeyQuery, rotateCompanyKey } from './api';
import { CustodyPanels } from './CustodyPanels';
import css from './Settings.module.css';

/** What a company decides about its data as a whole: the key that its secrets are sealed under. */
export function CompanyDataPage() {
  const { t } = useTranslation();
  const { data, error, errorUpdatedAt, refetch } = useQuery(companyKeyQuery);
  const [changing, setChanging] = useState(false);
  return (
    <section className={css.section} aria-label={t('settings.data.title')}>
      <div className={css.tools}>
        <p>{t('settings.data.text')}</p>
        <Button
          leftSection={<IconRefresh size={14} />}
          onClick={() => setChanging(true)}
          disabled={!data || data.version === 0}
        >
          {t('settings.data.change')}
        </Button>
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && (
        <div className={css.data}>
          <Standing view={data} />
          <Panel title={t('settings.data.versions')} hint={t('settings.data.versionsHint')} flush>
            <Versions versions={data.versions} />
          </Panel>
          <CustodyPanels />
        </div>
      )}
      {changing && data && <ChangeKey view={data} onClose={() => setChanging(false)} />}
    </section>
  );
}

function Standing({ view }: { view: CompanyKeyView }) {
  const { t } = useTranslation();
  const newest = view.versions[0];
  return (
    <Panel title={t('settings.data.key')}>
      <dl className={css.facts}>
        <dt>{t('settings.data.inUse')}</dt>
        <dd>
          {newest
            ? t('settings.data.version', { version: newest.version, at: dateTime(newest.createdAt) })
            : t('settings.data.none')}
        </dd>
        <dt>{t('settings.data.sealed')}</dt>
        <dd>
          <span role="status">
            {view.left === 0 ? (
              <>
                <IconCheck size={14} aria-hidden /> {t('settings.data.allDone')}
              </>
            ) : (
              t('settings.data.left', { count: view.left, shown: number(view.left) })
            )}
          </span>
        </dd>
        <dt>{t('settings.data.place')}</dt>
        <dd>{t(view.outside ? 'settings.data.outside' : 'settings.data.inside')}</dd>
      </dl>
    </Panel>
  );
}

function Versions({ versions }: { versions: CompanyKeyVersionView[] }) {
  const { t } = useTranslation();
  const columns = useMemo<Column<CompanyKeyVersionView>[]>(
    () => [
      {
        id: 'version',
        header: t('settings.data.number'),
        width: '76px',
        cell: (v) => <b className="num">{v.version}</b>,
        sort: (v) => v.version,
      },
      {
        id: 'made',
        header: t('settings.data.made'),
        width: '150px',
        cell: (v) => <span className="num">{dateTime(v.createdAt)}</span>,
        sort: (v) => v.createdAt,
      },
      {
        id: 'by',
        header: t('settings.data.by'),
        width: 'minmax(120px, 1fr)',
        cell: (v) => v.createdBy,
        sort: (v) => v.createdBy,
      },
      {
        id: 'resealed',
        header: t('settings.data.resealed'),
        width: '112px',
        end: true,
        cell: (v) => <span className="num">{number(v.resealed)}</span>,
        sort: (v) => v.resealed,
      },
      {
        id: 'done',
        header: t('settings.data.done'),
        width: '150px',
        cell: (v) =>
          v.doneAt ? (
            <span className="num">{dateTime(v.doneAt)}</span>
          ) : (
            <span className={css.dim}>{t('settings.data.notYet')}</span>
          ),
        sort: (v) => v.doneAt ?? '',
      },
    ],
    [t],
  );
  return (
    <DataTable
      label={t('settings.data.versions')}
      columns={columns}
      rows={versions}
      rowId={(v) => String(v.version)}
      minWidth={640}
      empty={<p className={css.tie}>{t('settings.data.none')}</p>}
    />
  );
}

function ChangeKey({ view, onClose }: { view: CompanyKeyView; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [confirmed, setConfirmed] = useState(false);
  const f = useForm({
    initial: { code: '' },
    check: () => ({}),
    send: (v) => rotateCompanyKey(confirmed ? {} : { code: v.code.trim() }),
    done: (now) => {
      queries.setQueryData(companyKeyQuery.queryKey, now);
      toast.done(t('settings.data.changed', { version: now.version }));
      onClose();
    },
    about: (p) => {
      if (!p.is('fresh-code-needed')) return {};
      setConfirmed(false);
      return { code: t('settings.keys.wrongCode') };
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('settings.data.changeTitle')} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={css.tie}>{t('settings.data.changeText', { next: view.version + 1 })}</p>
        <FactorOnceMore
          confirmed={confirmed}
          onConfirmed={() => setConfirmed(true)}
          description={t('settings.data.codeHint')}
          {...f.field('code')}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy} disabled={f.wait > 0}>
            {t('settings.data.change')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
