import { ActionIcon, Button, FileButton } from '@mantine/core';
import { IconFileUpload, IconX } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import type { UploadView } from '@/shared/client/types';
import { age, bytes, dateTime, number } from '@/shared/lib/format';
import { useLiveTopic } from '@/shared/lib/useLive';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { uploadsQuery } from './api';
import css from './Panel.module.css';
import { type Transfer, useUploads } from './useUploads';
import { useWords } from './words';

const ACCEPT = '.evtx,.json,.jsonl,.ndjson,.log,.gz,.zip';

/** Recordings by drop or choice: how far each is sent, then how far it is read, and what could not be read and why. */
export function UploadPanel({ onClose, onShowAll }: { onClose: () => void; onShowAll: () => void }) {
  const t = useWords();
  const [over, setOver] = useState(false);
  const { transfers, send, onMessages } = useUploads();
  const query = useInfiniteQuery(uploadsQuery);
  useLiveTopic('uploads', { onMessages, onResync: () => void query.refetch() });
  const uploads = rowsOf(query.data);
  return (
    <aside className={layout.panel} aria-label={t('uploads')}>
      <ActionIcon className={layout.close} aria-label={t('closeUploads')} onClick={onClose}>
        <IconX size={16} />
      </ActionIcon>
      <header className={layout.head}>
        <h2>{t('uploads')}</h2>
      </header>
      <section
        className={css.drop}
        data-over={over || undefined}
        aria-label={t('dropHere')}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          void send([...e.dataTransfer.files]);
        }}
      >
        <IconFileUpload size={22} stroke={1.5} aria-hidden="true" />
        <p>{t('dropText')}</p>
        <FileButton multiple accept={ACCEPT} onChange={(files) => void send(files)}>
          {(props) => (
            <Button {...props} variant="default">
              {t('choose')}
            </Button>
          )}
        </FileButton>
        <small>{t('kinds')}</small>
      </section>
      {transfers.length > 0 && (
        <ul className={css.uploads} aria-label={t('sendingNow')}>
          {transfers.map((x) => (
            <TransferRow key={x.key} transfer={x} />
          ))}
        </ul>
      )}
      {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading />}
      <ul className={css.uploads} aria-label={t('received')}>
        {uploads.map((u) => (
          <UploadRow key={u.id} upload={u} onShow={onShowAll} />
        ))}
      </ul>
      {query.data && uploads.length === 0 && transfers.length === 0 && (
        <p className={layout.dim}>{t('noUploads')}</p>
      )}
      {query.hasNextPage && (
        <Button
          variant="subtle"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('olderUploads')}
        </Button>
      )}
    </aside>
  );
}

function TransferRow({ transfer: x }: { transfer: Transfer }) {
  const t = useWords();
  return (
    <li>
      <div className={css.line}>
        <b>{x.name}</b>
        <ActionIcon size={24} aria-label={t('cancelSending', { file: x.name })} onClick={x.cancel}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {x.problem ? (
        <ProblemNotice problem={x.problem} />
      ) : (
        <div className={css.line}>
          <progress aria-label={t('sent', { file: x.name })} value={x.sent} max={x.total || 1} />
          <span className={`num ${layout.dim}`}>
            {t('sentOf', { sent: bytes(x.sent), total: bytes(x.total) })}
          </span>
        </div>
      )}
    </li>
  );
}

function UploadRow({ upload: u, onShow }: { upload: UploadView; onShow: () => void }) {
  const t = useWords();
  return (
    <li>
      <div className={css.line}>
        <b title={u.fileName}>{u.fileName}</b>
        <Status value={u.state} moving />
      </div>
      <p className={`num ${layout.dim}`}>
        {t('read', { records: number(u.records), size: bytes(u.bytes) })}
        {u.refused > 0 && `, ${t('refused', { count: number(u.refused) })}`}
        {' · '}
        <time dateTime={u.startedAt} title={dateTime(u.startedAt)}>
          {age(u.startedAt)}
        </time>
        {` · ${u.by}`}
      </p>
      {u.problems.length > 0 && (
        <details className={css.problems} open={u.state === 'failed'}>
          <summary>{t('problems', { count: u.problems.length })}</summary>
          <ul>
            {u.problems.map((p) => (
              <li key={`${p.place} ${p.problem}`}>
                <span className="mono">{p.place}</span> <b>{p.problem}</b> {p.mend}
              </li>
            ))}
          </ul>
        </details>
      )}
      {u.state === 'done' && u.records > 0 && (
        <Button variant="subtle" size="compact-xs" onClick={onShow}>
          {t('showEvents')}
        </Button>
      )}
    </li>
  );
}
