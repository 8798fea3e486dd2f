import { ActionIcon, Button, Modal, TextInput } from '@mantine/core';
import { IconDownload, IconListSearch, IconSearch, IconShieldCheck, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { listQuery, rowsOf } from '@/shared/client/query';
import type { AuditView } from '@/shared/client/types';
import { useCommands } from '@/shared/lib/commands';
import { dateTime, number } from '@/shared/lib/format';
import { useLiveTopic } from '@/shared/lib/useLive';
import { CopyButton } from '@/shared/ui/CopyButton';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import css from './Audit.module.css';
import { type AuditFilter, hasFilter, queryOf } from './filter';

export function AuditPage() {
  const { t } = useTranslation();
  const filter = useSearch({ from: '/frame/guarded/audit' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [openId, setOpenId] = useState<string | null>(null);
  const [verifying, setVerifying] = useState(false);
  const [fresh, setFresh] = useState(0);
  const list = useInfiniteQuery(listQuery(['audit'], '/audit', queryOf(filter)));
  const rows = rowsOf(list.data);
  const open = rows.find((r) => r.id === openId);
  const filtered = hasFilter(filter);

  // What is being read must not move: newer entries are announced, and shown when asked for.
  useLiveTopic('audit', {
    onMessages: (messages) => setFresh((n) => n + messages.length),
    onResync: () => void queries.invalidateQueries({ queryKey: ['audit'] }),
  });
  const showFresh = () => {
    setFresh(0);
    void queries.resetQueries({ queryKey: ['audit'] });
  };
  const setFilter = (change: Partial<AuditFilter>) =>
    void navigate({ to: '/audit', search: { ...filter, ...change }, replace: true });

  const columns = useMemo<Column<AuditView>[]>(
    () => [
      {
        id: 'seq',
        header: t('audit.seq'),
        width: '64px',
        end: true,
        cell: (a) => <span className={`num ${css.dim}`}>{a.seq}</span>,
      },
      {
        id: 'at',
        header: t('audit.at'),
        width: '172px',
        cell: (a) => <span className="num">{dateTime(a.at)}</span>,
      },
      { id: 'actor', header: t('audit.actor'), width: 'minmax(150px, 1fr)', cell: (a) => a.actor },
      {
        id: 'action',
        header: t('audit.action'),
        width: 'minmax(150px, 1fr)',
        main: true,
        cell: (a) => <span className="mono">{a.action}</span>,
      },
      { id: 'target', header: t('audit.target'), width: 'minmax(180px, 1.4fr)', cell: (a) => a.target },
      {
        id: 'outcome',
        header: t('audit.outcome'),
        width: '100px',
        cell: (a) => <Status value={a.outcome} />,
      },
      {
        id: 'address',
        header: t('audit.address'),
        width: '116px',
        cell: (a) => <span className="mono">{a.address ?? '–'}</span>,
      },
    ],
    [t],
  );
  useCommands([
    {
      id: 'audit-verify',
      label: t('audit.verify.command'),
      icon: <IconShieldCheck size={18} stroke={1.6} />,
      run: () => setVerifying(true),
    },
    {
      id: 'audit-filter',
      label: t('audit.filter'),
      keys: '/',
      icon: <IconSearch size={18} stroke={1.6} />,
      run: () => document.getElementById('audit-q')?.focus(),
    },
  ]);

  return (
    <div className={css.page}>
      <div className={css.list}>
        <header className={css.bar}>
          <h1>{t('nav.audit')}</h1>
          <span className={`num ${css.dim}`}>{list.data && t('ui.shown', { count: rows.length })}</span>
          <div className={css.tools}>
            <Button
              variant="default"
              leftSection={<IconShieldCheck size={14} />}
              onClick={() => setVerifying(true)}
            >
              {t('audit.verify.button')}
            </Button>
            <Button
              component="a"
              href="/api/v1/audit/export"
              download="audit.jsonl"
              variant="default"
              leftSection={<IconDownload size={14} />}
            >
              {t('audit.export')}
            </Button>
          </div>
        </header>
        <search className={css.filters}>
          <Filter id="audit-q" name="q" filter={filter} onChange={setFilter} icon />
          <Filter name="actor" filter={filter} onChange={setFilter} />
          <Filter name="action" filter={filter} onChange={setFilter} />
          <Filter name="from" filter={filter} onChange={setFilter} type="datetime-local" />
          <Filter name="to" filter={filter} onChange={setFilter} type="datetime-local" />
          {filtered && (
            <Button
              variant="subtle"
              onClick={() => void navigate({ to: '/audit', search: {}, replace: true })}
            >
              {t('ui.clearFilter')}
            </Button>
          )}
        </search>
        {fresh > 0 && (
          <button type="button" className={css.fresh} onClick={showFresh}>
            {t('audit.fresh', { count: fresh })}
          </button>
        )}
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
            label={t('nav.audit')}
            columns={columns}
            rows={rows}
            rowId={(a) => a.id}
            selected={openId}
            onOpen={(a) => setOpenId(a.id)}
            minWidth={1000}
            empty={
              <EmptyState
                icon={<IconListSearch size={22} stroke={1.5} />}
                title={t(filtered ? 'audit.noMatch' : 'audit.none')}
                text={t(filtered ? 'audit.noMatchText' : 'audit.noneText')}
                action={
                  filtered && (
                    <Button
                      variant="default"
                      onClick={() => void navigate({ to: '/audit', search: {}, replace: true })}
                    >
                      {t('ui.clearFilter')}
                    </Button>
                  )
                }
              />
            }
            more={{
              has: list.hasNextPage,
              loading: list.isFetchingNextPage,
              load: () => void list.fetchNextPage(),
            }}
          />
        )}
      </div>
      {open && <Detail entry={open} onClose={() => setOpenId(null)} />}
      {verifying && <Verify onClose={() => setVerifying(false)} />}
    </div>
  );
}

function Filter({
  name,
  filter,
  onChange,
  id,
  icon,
  type,
}: {
  name: keyof AuditFilter;
  filter: AuditFilter;
  onChange: (change: Partial<AuditFilter>) => void;
  id?: string;
  icon?: boolean;
  type?: string;
}) {
  const { t } = useTranslation();
  const given = filter[name] ?? '';
  const [value, setValue] = useState(given);
  useEffect(() => setValue(given), [given]);
  useEffect(() => {
    if (value === given) return;
    const id = setTimeout(() => onChange({ [name]: value || undefined }), 300);
    return () => clearTimeout(id);
  }, [value, given, name, onChange]);
  return (
    <TextInput
      {...(id ? { id } : {})}
      {...(type ? { type } : {})}
      aria-label={t(`audit.by.${name}`)}
      placeholder={t(`audit.by.${name}`)}
      className={type ? css.date : icon ? css.text : css.word}
      value={value}
      onChange={(e) => setValue(e.currentTarget.value)}
      leftSection={
        icon ? (
          <IconSearch size={14} />
        ) : type ? (
          <span className={css.side}>{t(`audit.side.${name}`)}</span>
        ) : undefined
      }
      {...(type ? { leftSectionWidth: 44 } : {})}
    />
  );
}

function Detail({ entry, onClose }: { entry: AuditView; onClose: () => void }) {
  const { t } = useTranslation();
  const json = JSON.stringify(entry.detail, null, 2);
  return (
    <aside className={css.detail} aria-label={t('audit.detail')}>
      <header>
        <Status value={entry.outcome} />
        <span className={`mono ${css.dim}`}>#{entry.seq}</span>
        <ActionIcon className={css.close} aria-label={t('ui.close')} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
        <h2>{entry.action}</h2>
      </header>
      <dl>
        <div>
          <dt>{t('audit.actor')}</dt>
          <dd>{entry.actor}</dd>
        </div>
        <div>
          <dt>{t('audit.address')}</dt>
          <dd className="mono">{entry.address ?? '–'}</dd>
        </div>
        <div className={css.wide}>
          <dt>{t('audit.target')}</dt>
          <dd>{entry.target}</dd>
        </div>
        <div className={css.wide}>
          <dt>{t('audit.at')}</dt>
          <dd className="num">
            {dateTime(entry.at)}
            <br />
            <span className={`mono ${css.dim}`}>{entry.at}</span>
          </dd>
        </div>
        <div className={css.wide}>
          <dt>{t('audit.hash')}</dt>
          <dd className="mono">{entry.hash}</dd>
        </div>
      </dl>
      <div className={css.jsonHead}>
        <h3>{t('audit.detail')}</h3>
        <CopyButton text={JSON.stringify(entry, null, 2)} size="compact-xs" />
      </div>
      <pre className={css.json}>{json}</pre>
    </aside>
  );
}

function Verify({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const m = useMutation({ mutationFn: () => http.get('/audit/verify') });
  const { mutate } = m;
  useEffect(() => mutate(), [mutate]);
  return (
    <Modal opened onClose={onClose} title={t('audit.verify.title')} centered>
      <div className={css.verify} aria-live="polite">
        {m.isPending && (
          <>
            <Loading />
            <p>{t('audit.verify.working')}</p>
          </>
        )}
        {m.error && <ProblemNotice problem={m.error} onRetry={() => mutate()} />}
        {m.data && (
          <>
            <p className={css.verdict}>
              <Status value={m.data.intact ? 'succeeded' : 'failed'} />
            </p>
            <p>
              {m.data.intact
                ? t('audit.verify.intact', { count: m.data.entries, number: number(m.data.entries) })
                : t('audit.verify.broken', { seq: m.data.firstBroken, number: number(m.data.entries) })}
            </p>
            <dl>
              <dt>{t('audit.verify.head')}</dt>
              <dd className="mono">{m.data.head}</dd>
            </dl>
            <p className={css.dim}>{t('audit.verify.headHint')}</p>
          </>
        )}
      </div>
    </Modal>
  );
}
