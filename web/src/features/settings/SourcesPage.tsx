import { ActionIcon, Button, Menu, Modal, Select, TextInput, Tooltip } from '@mantine/core';
import { IconDots, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { SourceKind, SourceToken, SourceView } from '@/shared/client/types';
import { useCommands } from '@/shared/lib/commands';
import { age, dateTime, number } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import { useLiveTopic } from '@/shared/lib/useLive';
import { useNow } from '@/shared/lib/useNow';
import { CopyButton } from '@/shared/ui/CopyButton';
import { confirm } from '@/shared/ui/confirm';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import dialog from '@/shared/ui/Dialog.module.css';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { createSource, revokeSource, rotateToken, sourcesQuery } from './api';
import css from './Settings.module.css';
import { recipes, sourceStatus } from './source';

const KINDS = ['json', 'windows', 'linux', 'syslog'] as const satisfies SourceKind[];

export function SourcesPage() {
  const { t } = useTranslation();
  const may = useCan('source:manage');
  const queries = useQueryClient();
  const now = useNow(15_000);
  const [adding, setAdding] = useState(false);
  const [token, setToken] = useState<SourceToken | null>(null);
  const list = useInfiniteQuery({ ...sourcesQuery, refetchInterval: 10_000 });
  useLiveTopic('uploads', { invalidates: [['sources']] });
  const rows = rowsOf(list.data);
  const changed = () => void queries.invalidateQueries({ queryKey: ['sources'] });

  const columns = useMemo<Column<SourceView>[]>(() => {
    const rotate = async (s: SourceView) => {
      const sure = await confirm({
        title: t('settings.sources.rotateTitle', { name: s.name }),
        text: t('settings.sources.rotateText'),
        action: t('settings.sources.rotateButton', { name: s.name }),
      });
      if (!sure) return;
      try {
        setToken(await rotateToken(s.id));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: ['sources'] });
    };
    const revoke = async (s: SourceView) => {
      const sure = await confirm({
        title: t('settings.sources.revokeTitle', { name: s.name }),
        text: t('settings.sources.revokeText'),
        action: t('settings.sources.revokeButton', { name: s.name }),
        destructive: true,
      });
      if (!sure) return;
      try {
        await revokeSource(s.id);
        toast.done(t('settings.sources.revoked', { name: s.name }));
      } catch (e) {
        toast.failed(e);
      }
      void queries.invalidateQueries({ queryKey: ['sources'] });
    };
    const actions: Column<SourceView> = {
      id: 'actions',
      header: '',
      width: '32px',
      cell: (s) =>
        s.state === 'active' && s.kind !== 'upload' ? (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon size={24} aria-label={t('settings.actionsOf', { name: s.name })}>
                <IconDots size={15} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => void rotate(s)}>{t('settings.sources.rotate')}</Menu.Item>
              <Menu.Item color="var(--st-failed)" onClick={() => void revoke(s)}>
                {t('settings.sources.revoke')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : null,
    };
    return [
      {
        id: 'name',
        header: t('settings.sources.name'),
        width: 'minmax(160px, 1fr)',
        cell: (s) => <b>{s.name}</b>,
        sort: (s) => s.name,
      },
      {
        id: 'kind',
        header: t('settings.sources.kind'),
        width: '140px',
        cell: (s) => t(`settings.sources.kinds.${s.kind}`),
        sort: (s) => s.kind,
      },
      {
        id: 'state',
        header: t('settings.sources.state'),
        width: '100px',
        cell: (s) => <Status value={sourceStatus(s, now)} />,
        sort: (s) => sourceStatus(s, now),
      },
      {
        id: 'received',
        header: t('settings.sources.received'),
        width: '96px',
        end: true,
        cell: (s) => <span className="num">{number(s.received)}</span>,
        sort: (s) => s.received,
      },
      {
        id: 'refused',
        header: t('settings.sources.refused'),
        width: '84px',
        end: true,
        cell: (s) => <span className={`num ${s.refused > 0 ? css.bad : css.dim}`}>{number(s.refused)}</span>,
        sort: (s) => s.refused,
      },
      {
        id: 'unparsed',
        header: t('settings.sources.unparsed'),
        width: '92px',
        end: true,
        cell: (s) => <span className={`num ${s.unparsed > 0 ? '' : css.dim}`}>{number(s.unparsed)}</span>,
        sort: (s) => s.unparsed,
      },
      {
        id: 'last',
        header: t('settings.sources.last'),
        width: '72px',
        end: true,
        cell: (s) =>
          s.lastReceivedAt ? (
            <Tooltip label={dateTime(s.lastReceivedAt)}>
              <span className="num">{age(s.lastReceivedAt, now)}</span>
            </Tooltip>
          ) : (
            <span className={css.dim}>{t('settings.never')}</span>
          ),
        sort: (s) => s.lastReceivedAt ?? '',
      },
      {
        id: 'token',
        header: t('settings.sources.token'),
        width: '120px',
        cell: (s) =>
          s.tokenHint ? <span className="mono">…{s.tokenHint}</span> : <span className={css.dim}>–</span>,
      },
      ...(may ? [actions] : []),
    ];
  }, [t, may, now, queries]);
  useCommands(
    may
      ? [
          {
            id: 'add-source',
            label: t('settings.sources.add'),
            keys: 'n',
            icon: <IconPlus size={18} />,
            run: () => setAdding(true),
          },
        ]
      : [],
  );

  const add = may && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
      {t('settings.sources.add')}
    </Button>
  );
  return (
    <section className={css.section} aria-label={t('settings.sources.title')}>
      <div className={css.tools}>
        <p>{t('settings.sources.text')}</p>
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
          label={t('settings.sources.title')}
          columns={columns}
          rows={rows}
          rowId={(s) => s.id}
          minWidth={900}
          empty={
            <EmptyState
              icon={<IconPlugConnected size={22} stroke={1.5} />}
              title={t('settings.sources.none')}
              text={t('settings.sources.noneText')}
              action={add}
            />
          }
          more={{
            has: list.hasNextPage,
            loading: list.isFetchingNextPage,
            load: () => void list.fetchNextPage(),
          }}
        />
      )}
      {adding && (
        <AddSource
          onClose={() => setAdding(false)}
          onCreated={(created) => {
            setAdding(false);
            setToken(created);
            changed();
          }}
        />
      )}
      {token && <TokenDialog created={token} onClose={() => setToken(null)} />}
    </section>
  );
}

function AddSource({ onClose, onCreated }: { onClose: () => void; onCreated: (t: SourceToken) => void }) {
  const { t } = useTranslation();
  const f = useForm({
    initial: { name: '', kind: 'json' },
    check: (v) => (v.name.trim() ? {} : { name: t('settings.sources.nameMissing') }),
    send: (v) => createSource({ name: v.name.trim(), kind: v.kind as (typeof KINDS)[number] }),
    done: onCreated,
  });
  const { onChange: _, ...kind } = f.field('kind');
  return (
    <Modal opened onClose={onClose} title={t('settings.sources.add')} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <TextInput
          label={t('settings.sources.name')}
          description={t('settings.sources.nameHint')}
          data-autofocus
          {...f.field('name')}
        />
        <Select
          label={t('settings.sources.kind')}
          description={t(`settings.sources.kindHint.${f.values.kind}`)}
          data={KINDS.map((value) => ({ value, label: t(`settings.sources.kinds.${value}`) }))}
          allowDeselect={false}
          {...kind}
          onChange={(value) => value && f.set('kind', value)}
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={f.busy}>
            {t('settings.sources.create')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function TokenDialog({ created: { source, token }, onClose }: { created: SourceToken; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('settings.sources.tokenTitle', { name: source.name })}
      size="lg"
      centered
      closeOnClickOutside={false}
    >
      <div className={css.token}>
        <p>{t('settings.sources.tokenText')}</p>
        <div className={css.secret}>
          <code>{token}</code>
          <CopyButton text={token} data-autofocus />
        </div>
        {recipes(source.kind, source.id, token, location.origin).map((r) => (
          <section key={r.id} className={css.command}>
            <header>
              <h3>{t(`settings.sources.recipe.${r.id}`)}</h3>
              <CopyButton text={r.command} size="compact-xs" />
            </header>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
            <pre tabIndex={0}>{r.command}</pre>
          </section>
        ))}
        <div className={dialog.buttons}>
          <Button onClick={onClose}>{t('settings.sources.tokenKept')}</Button>
        </div>
      </div>
    </Modal>
  );
}
