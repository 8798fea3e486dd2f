import { Button, Modal, Select } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import type { RunView } from '@/shared/client/types';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { versionsQuery } from '../versions/api';
import { useWords } from '../words';
import { compareRun, replayRun } from './api';
import css from './Trial.module.css';

const DRAFT = 'draft';

/** A finished run done over again from its journal, and beside what another version would have made of it. */
export function ReplayDialog({ run, onClose }: { run: RunView; onClose: () => void }) {
  const t = useWords();
  const [version, setVersion] = useState(DRAFT);
  const versions = useInfiniteQuery(versionsQuery(run.workflowId));
  const check = useQuery({ queryKey: ['runs', 'replay', run.id], queryFn: () => replayRun(run.id) });
  const compare = useMutation({
    mutationFn: () => compareRun(run.id, version === DRAFT ? null : Number(version)),
  });
  const other = compare.data?.steps.filter((s) => !s.same) ?? [];
  return (
    <Modal opened onClose={onClose} title={t('replay.title', { number: run.number })} size="lg" centered>
      <div className={css.stack}>
        {check.error && <ProblemNotice problem={check.error} />}
        {check.isPending && <Loading />}
        {check.data && (
          <>
            <p className={css.text}>
              <Status value={check.data.identical ? 'succeeded' : 'failed'} />{' '}
              {t(check.data.identical ? 'replay.same' : 'replay.differs', {
                entries: check.data.entries,
                events: check.data.events,
                computed: check.data.computed,
              })}
            </p>
            {check.data.brokenEntry !== null && (
              <p className={css.text}>{t('replay.broken', { entry: check.data.brokenEntry })}</p>
            )}
            {check.data.differences.map((d) => (
              <p key={`${d.entry}.${d.event}`} className={css.text}>
                {t('replay.difference', { entry: d.entry, event: d.event, what: d.what })}
                <br />
                <span className="mono">{d.stored}</span>
                <br />
                <span className="mono">{d.again ?? t('replay.nothing')}</span>
              </p>
            ))}
            {check.data.rows.map((r) => (
              <p key={`${r.step} ${r.what}`} className={css.text}>
                {t('replay.row', { step: r.step, what: r.what })}{' '}
                <span className="mono">
                  {r.stored ?? t('replay.nothing')} / {r.again ?? t('replay.nothing')}
                </span>
              </p>
            ))}
          </>
        )}
        <div className={css.row}>
          <span className={css.text}>{t('replay.against')}</span>
          <Select
            aria-label={t('replay.version')}
            w={110}
            data={[
              { value: DRAFT, label: t('versions.draft') },
              ...rowsOf(versions.data).map((v) => ({
                value: String(v.version),
                label: t('builder.version', { version: v.version }),
              })),
            ]}
            value={version}
            allowDeselect={false}
            onChange={(v) => setVersion(v ?? DRAFT)}
          />
          <Button variant="default" loading={compare.isPending} onClick={() => compare.mutate()}>
            {t('replay.compare')}
          </Button>
        </div>
        {compare.error && <ProblemNotice problem={compare.error} />}
        {compare.data && (
          <>
            <p className={css.text}>
              {t('replay.ends', {
                before: t(`replay.state.${compare.data.stateBefore}`),
                after: t(`replay.state.${compare.data.stateAfter}`),
              })}{' '}
              {other.length === 0 ? t('replay.noOther') : t('replay.other', { count: other.length })}
            </p>
            <table className={css.steps} aria-label={t('replay.steps')}>
              <tbody>
                {other.map((s) => (
                  <tr key={s.step}>
                    <td className="mono">{s.step}</td>
                    <td>
                      {s.before ? <Status value={s.before.state} /> : t('replay.notReached')}{' '}
                      {s.before?.port ?? ''}
                    </td>
                    <td>
                      {s.after ? <Status value={s.after.state} /> : t('replay.notReached')}{' '}
                      {s.after?.port ?? ''} {s.invented && t('replay.invented')}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </div>
    </Modal>
  );
}
