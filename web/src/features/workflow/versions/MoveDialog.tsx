import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { MoveReport, MoveSight } from '@/shared/client/types';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { useWords } from '../words';
import { moveRuns, movesQuery } from './api';
import css from './Moves.module.css';

/** What a move would do to each run, then the move of those that were chosen, then what became of them. */
export function MoveDialog({
  workflow,
  from,
  to,
  onClose,
}: {
  workflow: string;
  from: number;
  to: number;
  onClose: () => void;
}) {
  const t = useWords();
  const queries = useQueryClient();
  const look = useInfiniteQuery(movesQuery(workflow, from, to));
  const sights = look.data?.pages.flatMap((p) => p.runs) ?? [];
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState('');
  const chosen = sights.filter((s) => s.movable && !left.has(s.run));
  const move = useMutation({
    mutationFn: () => moveRuns(workflow, to, reason.trim(), chosen),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['workflows', 'versions', workflow] });
      void queries.invalidateQueries({ queryKey: ['runs'] });
    },
  });
  const toggle = (run: string) =>
    setLeft((old) => {
      const next = new Set(old);
      if (!next.delete(run)) next.add(run);
      return next;
    });
  return (
    <Modal opened onClose={onClose} size="min(1000px, 96vw)" title={t('moves.dialog', { from, to })} centered>
      {look.isPending && <Loading />}
      {look.isError && <ProblemNotice problem={look.error} onRetry={() => void look.refetch()} />}
      {look.data && !move.data && sights.length === 0 && <p className={dialog.text}>{t('moves.none')}</p>}
      {move.data && <Report report={move.data} onClose={onClose} />}
      {look.data && !move.data && sights.length > 0 && (
        <form
          className={dialog.form}
          onSubmit={(e) => {
            e.preventDefault();
            if (chosen.length > 0 && reason.trim()) move.mutate();
          }}
        >
          <p className={dialog.text}>{t('moves.dryRun')}</p>
          <table className={css.runs}>
            <thead>
              <tr>
                <th>{t('moves.run')}</th>
                <th>{t('moves.stands')}</th>
                <th>{t('moves.then')}</th>
              </tr>
            </thead>
            <tbody>
              {sights.map((s) => (
                <Row key={s.run} sight={s} on={!left.has(s.run)} onToggle={() => toggle(s.run)} />
              ))}
            </tbody>
          </table>
          {look.hasNextPage && (
            <Button
              variant="subtle"
              loading={look.isFetchingNextPage}
              onClick={() => void look.fetchNextPage()}
            >
              {t('moves.more')}
            </Button>
          )}
          <TextInput
            label={t('hands.reason')}
            description={t('moves.reasonHelp')}
            required
            maxLength={500}
            value={reason}
            onChange={(e) => setReason(e.currentTarget.value)}
          />
          {move.isError && <ProblemNotice problem={move.error} />}
          <div className={dialog.buttons}>
            <Button variant="default" onClick={onClose}>
              {t('moves.keep')}
            </Button>
            <Button type="submit" disabled={chosen.length === 0 || !reason.trim()} loading={move.isPending}>
              {t('moves.move', { count: chosen.length, version: to })}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}

function Row({ sight, on, onToggle }: { sight: MoveSight; on: boolean; onToggle: () => void }) {
  const t = useWords();
  return (
    <tr data-refused={!sight.movable || undefined}>
      <td>
        <Checkbox
          size="xs"
          label={t('moves.number', { number: sight.number })}
          checked={sight.movable && on}
          disabled={!sight.movable}
          onChange={onToggle}
        />
        {sight.subject && <span className={css.subject}>{sight.subject}</span>}
      </td>
      <td>
        <ul className={css.steps}>
          {sight.stands.map((s) => (
            <li key={s.step}>
              <span className={css.at}>
                <b>{s.name}</b>
                <Status value={s.state} />
              </span>
              {sight.movable && (
                <span className={css.note}>
                  {s.node !== null && s.node !== s.name && `${t('moves.named', { name: s.node })} `}
                  {s.note ?? t(`moves.fate.${s.fate}`)}
                </span>
              )}
            </li>
          ))}
        </ul>
      </td>
      <td>
        {sight.movable ? (
          <p className={css.note}>
            {sight.begins.length > 0
              ? t('moves.begins', { names: sight.begins.join(', ') })
              : t('moves.goesOn')}
          </p>
        ) : (
          <ul className={css.steps}>
            {sight.objections.map((o) => (
              <li key={`${o.step} ${o.why}`}>
                {o.name !== null && <b>{o.name}</b>}
                <span className={css.why}>{o.why}</span>
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}

function Report({ report, onClose }: { report: MoveReport; onClose: () => void }) {
  const t = useWords();
  return (
    <div className={dialog.form}>
      <p className={dialog.text} role="status">
        {t('moves.moved', { count: report.moved })}
      </p>
      <ul className={css.steps}>
        {report.results.map((r) => (
          <li key={r.run} className={css.at}>
            <Link to="/runs/$runId" params={{ runId: r.run }}>
              {r.number === null ? r.run : t('moves.number', { number: r.number })}
            </Link>
            <span data-outcome={r.outcome} className={css.outcome}>
              {t(`moves.outcome.${r.outcome}`)}
            </span>
            {r.why !== null && <span className={css.why}>{r.why}</span>}
          </li>
        ))}
      </ul>
      <div className={dialog.buttons}>
        <Button onClick={onClose}>{t('moves.close')}</Button>
      </div>
    </div>
  );
}
