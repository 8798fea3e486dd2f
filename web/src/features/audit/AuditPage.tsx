import { ActionIcon, Button, Menu, Modal, Select, TextInput, Tooltip } from '@mantine/core';
import { IconDownload, IconListSearch, IconSearch, IconShieldCheck, IconX } from '@tabler/icons-react';
import { infiniteQueryOptions, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import { rowsOf } from '@/shared/client/query';
import type { AuditView } from '@/shared/client/types';
import { useCommands } from '@/shared/lib/commands';
import { dateTime, number } from '@/shared/lib/format';
import { moreOf } from '@/shared/lib/more';
import { useLiveTopic } from '@/shared/lib/useLive';
import { CopyButton } from '@/shared/ui/CopyButton';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import css from './Audit.module.css';
import words from './en.json';
import { type AuditFilter, exportPath, hasFilter, OUTCOMES, queryOf } from './filter';
import { Reference } from './Reference';
import { changes, facts, isId, keyWords, parts, placeOf } from './words';

/** Every action that the catalogue has words for, by group; a group can be chosen whole. */
const ACTIONS = Object.entries(words.did).map(([group, did]) => ({
  group,
  actions: Object.keys(did).map((verb) => `${group}.${verb}`),
}));

/** Its pages carry, beside the entries, the names of what these tell of. */
const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      http.get('/audit', { query: { ...queryOf(filter), cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export function AuditPage() {
  const { t } = useTranslation();
  const filter = useSearch({ from: '/frame/guarded/audit' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [openId, setOpenId] = useState<string | null>(null);
  const [verifying, setVerifying] = useState(false);
  const [fresh, setFresh] = useState(0);
  const list = useInfiniteQuery(auditQuery(filter));
  const rows = rowsOf(list.data);
  const names = useMemo(() => new Map(list.data?.pages.flatMap((p) => Object.entries(p.names))), [list.data]);
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
      {
        id: 'actor',
        header: t('audit.actor'),
        width: 'minmax(120px, 1fr)',
        cell: (a) => <Actor entry={a} />,
      },
      {
        id: 'action',
        header: t('audit.action'),
        width: 'minmax(150px, 1fr)',
        main: true,
        cell: (a) => <span title={a.action}>{t(`audit.did.${a.action}`, a.action)}</span>,
      },
      {
        id: 'target',
        header: t('audit.target'),
        width: 'minmax(200px, 2fr)',
        cell: (a) => <Reference target={a.target} names={names} />,
      },
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
    [t, names],
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
            <Exports filter={filter} />
          </div>
        </header>
        <search className={css.filters}>
          <Filter id="audit-q" name="q" filter={filter} onChange={setFilter} icon />
          <Filter name="actor" filter={filter} onChange={setFilter} />
          <Select
            aria-label={t('audit.by.action')}
            placeholder={t('audit.actions')}
            className={css.action}
            searchable
            clearable
            value={filter.action ?? null}
            onChange={(action) => setFilter({ action: action ?? undefined })}
            data={[
              // An address may name an action that the list has no words for.
              ...(filter.action && !t(`audit.did.${filter.action}`, '') ? [filter.action] : []),
              ...ACTIONS.map(({ group, actions }) => ({
                group: t(`audit.group.${group}`),
                items: [
                  ...(actions.length > 1
                    ? [{ value: group, label: t('audit.allOf', { group: t(`audit.group.${group}`) }) }]
                    : []),
                  ...actions.map((value) => ({ value, label: t(`audit.did.${value}`) })),
                ],
              })),
            ]}
          />
          <Filter name="target" filter={filter} onChange={setFilter} />
          <Select
            aria-label={t('audit.by.outcome')}
            placeholder={t('audit.outcomes')}
            className={css.word}
            clearable
            value={filter.outcome ?? null}
            onChange={(outcome) => setFilter({ outcome: outcome ?? undefined })}
            data={OUTCOMES.map((value) => ({ value, label: t(`audit.outcomeOf.${value}`) }))}
          />
          <Filter name="address" filter={filter} onChange={setFilter} />
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
            more={moreOf(list)}
          />
        )}
      </div>
      {open && <Detail entry={open} names={names} onClose={() => setOpenId(null)} />}
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

/** The browser fetches the file by itself, as large as it may be. */
function Exports({ filter }: { filter: AuditFilter }) {
  const { t } = useTranslation();
  const link = (label: string, hint: string, href: string) => (
    <Menu.Item component="a" href={href} download>
      {label}
      <span className={css.hint}>{hint}</span>
    </Menu.Item>
  );
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={14} />}>
          {t('audit.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t(hasFilter(filter) ? 'audit.exports.filtered' : 'audit.exports.all')}</Menu.Label>
        {link(t('audit.exports.json'), t('audit.exports.jsonHint'), exportPath('json', filter))}
        {link(t('audit.exports.csv'), t('audit.exports.csvHint'), exportPath('csv', filter))}
        {link(t('audit.exports.cef'), t('audit.exports.cefHint'), exportPath('cef', filter))}
        <Menu.Divider />
        {link(t('audit.exports.keys'), t('audit.exports.keysHint'), '/api/v1/audit/keys.pem')}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A person by name; what acts by itself says so. */
function Actor({ entry }: { entry: AuditView }) {
  const { t } = useTranslation();
  if (isId(entry.actorId)) return <span title={entry.actorId}>{entry.actor}</span>;
  return (
    <Tooltip label={t('audit.self')} openDelay={300}>
      <span className="mono">{entry.actor}</span>
    </Tooltip>
  );
}

function Detail({
  entry,
  names,
  onClose,
}: {
  entry: AuditView;
  names: ReadonlyMap<string, string>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const target = parts(entry.target);
  const told = facts(entry.detail);
  const changed = changes(entry.detail);
  return (
    <aside className={css.detail} aria-label={t('audit.detail')}>
      <header>
        <Status value={entry.outcome} />
        <span className={`num ${css.dim}`}>#{entry.seq}</span>
        <ActionIcon className={css.close} aria-label={t('ui.close')} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
        <h2>{t(`audit.did.${entry.action}`, entry.action)}</h2>
        <span className={`mono ${css.dim}`}>{entry.action}</span>
      </header>
      <dl>
        <div>
          <dt>{t('audit.actor')}</dt>
          <dd>
            <Actor entry={entry} />
          </dd>
        </div>
        <div>
          <dt>{t('audit.address')}</dt>
          <dd className="mono">{entry.address ?? '–'}</dd>
        </div>
        <div className={css.wide}>
          <dt>{t('audit.target')}</dt>
          <dd>
            <Linked kind={target.kind} id={target.id} names={names} />
          </dd>
          {isId(target.id) && <IdLine id={target.id} />}
        </div>
        <div className={css.wide}>
          <dt>{t('audit.at')}</dt>
          <dd className="num">
            {dateTime(entry.at)}
            <br />
            <span className={`mono ${css.dim}`}>{entry.at}</span>
          </dd>
        </div>
        {told.map(({ key, value }) => (
          <div className={css.wide} key={key}>
            <dt>{keyWords(key)}</dt>
            {isId(value) ? (
              <>
                <dd>
                  <Linked kind={key} id={value} names={names} />
                </dd>
                <IdLine id={value} />
              </>
            ) : (
              <dd className={/hash$/i.test(key) ? 'mono' : undefined}>{value}</dd>
            )}
          </div>
        ))}
        <div className={css.wide}>
          <dt>{t('audit.hash')}</dt>
          <dd className={`mono ${css.hash}`}>{entry.hash}</dd>
        </div>
      </dl>
      {changed.length > 0 && (
        <table className={css.changes}>
          <caption>{t('audit.change.title')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('audit.change.what')}</th>
              <th scope="col">{t('audit.change.before')}</th>
              <th scope="col">{t('audit.change.after')}</th>
            </tr>
          </thead>
          <tbody>
            {changed.map(({ key, before, after }) => (
              <tr key={key}>
                <th scope="row">{key ? keyWords(key) : t('audit.change.value')}</th>
                <td>{before}</td>
                <td>{after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className={css.jsonHead}>
        <h3>{t('audit.recorded')}</h3>
        <CopyButton
          text={JSON.stringify(entry, null, 2)}
          size="compact-xs"
          aria-label={t('audit.copyEntry')}
        />
      </div>
      <pre className={css.json}>
        {JSON.stringify({ action: entry.action, target: entry.target, detail: entry.detail }, null, 2)}
      </pre>
    </aside>
  );
}

function Linked({ kind, id, names }: { kind: string; id: string; names: ReadonlyMap<string, string> }) {
  const target = kind ? `${kind}:${id}` : id;
  const to = placeOf(kind, id);
  const name = <Reference target={target} names={names} />;
  return to && names.has(target) ? <Link to={to}>{name}</Link> : name;
}

function IdLine({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <dd className={css.idLine}>
      <span className="mono">{id}</span>
      <CopyButton text={id} size="compact-xs" variant="subtle" aria-label={`${t('audit.copyId')}: ${id}`} />
    </dd>
  );
}

function Verify({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const m = useMutation({ mutationFn: () => http.get('/audit/verify') });
  const sign = useMutation({ mutationFn: () => http.post('/audit/checkpoints') });
  const { mutate } = m;
  useEffect(() => mutate(), [mutate]);
  const last = sign.data ?? m.data?.last;
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
                : t('audit.verify.broken', { seq: m.data.firstBroken, why: m.data.problem })}{' '}
              {!m.data.intact &&
                t('audit.verify.read', { count: m.data.entries, number: number(m.data.entries) })}
              {m.data.checkpoints > 0 &&
                t('audit.verify.signed', { count: m.data.checkpoints, number: number(m.data.checkpoints) })}
            </p>
            <dl>
              <dt>{t('audit.verify.last')}</dt>
              <dd>
                {last
                  ? t('audit.verify.lastAt', { seq: number(last.seq), at: dateTime(last.at) })
                  : t('audit.verify.none')}
              </dd>
              {last && (
                <>
                  <dt>{t('audit.verify.key')}</dt>
                  <dd className="mono">{last.key}</dd>
                </>
              )}
              <dt>{t('audit.verify.head')}</dt>
              <dd className="mono">{m.data.head}</dd>
            </dl>
            <p className={css.dim}>{t('audit.verify.headHint')}</p>
            {sign.error && <ProblemNotice problem={sign.error} onRetry={() => sign.mutate()} />}
            <div className={css.verifyTools}>
              {last && <CopyButton text={last.line} aria-label={t('audit.verify.copy')} />}
              {m.data.intact && (
                <Button variant="default" loading={sign.isPending} onClick={() => sign.mutate()}>
                  {t('audit.verify.sign')}
                </Button>
              )}
            </div>
          </>
        )}
      </div>
    </Modal>
  );
}
