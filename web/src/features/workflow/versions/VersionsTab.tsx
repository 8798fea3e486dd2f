import { Button, Select } from '@mantine/core';
import { IconVersions } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import type { Definition, WorkflowDetail } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { workflowQuery } from '../api';
import { useWords } from '../words';
import { readVersion, restoreWorkflow, versionsQuery } from './api';
import { DiffView } from './DiffView';
import { FourEyesRule } from './FourEyesRule';
import { MoveRuns } from './MoveRuns';
import { ReviewPanel } from './ReviewPanel';
import css from './Versions.module.css';

const DRAFT = 'draft';

/** Every version there was: reviewed, compared, taken back into the draft. */
export default function VersionsTab({
  workflow,
  dirty,
  readOnly,
  onTake,
}: {
  workflow: WorkflowDetail;
  dirty: boolean;
  readOnly: boolean;
  /** Puts an older version's drawing on the canvas, as an edit that can be undone. */
  onTake: (definition: Definition) => void;
}) {
  const t = useWords();
  const mayPublish = useCan('workflow:publish');
  const queries = useQueryClient();
  const query = useInfiniteQuery(versionsQuery(workflow.id));
  const rows = rowsOf(query.data);
  const asked: { version?: number; from?: number; to?: number } = useSearch({ strict: false });
  const [from, setFrom] = useState<string | null>(asked.from ? String(asked.from) : null);
  const [to, setTo] = useState<string>(asked.to ? String(asked.to) : DRAFT);
  const seek = useCallback((row: HTMLElement | null) => row?.scrollIntoView({ block: 'center' }), []);
  const take = useMutation({
    mutationFn: (version: number) => readVersion(workflow.id, version),
    onSuccess: onTake,
    onError: toast.failed,
  });
  const back = useMutation({
    mutationFn: () => restoreWorkflow(workflow.id),
    onSuccess: (now) => {
      queries.setQueryData(workflowQuery(workflow.id).queryKey, now);
      void queries.invalidateQueries({ queryKey: ['workflows'] });
    },
    onError: toast.failed,
  });
  if (query.isError && !query.data)
    return <ProblemNotice page problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  const name = (v: number) => t('builder.version', { version: v });
  const base = from ?? (workflow.version === null ? null : String(workflow.version));
  // A link may ask for versions that are further down than what was read.
  const numbers = new Set([
    ...rows.map((v) => v.version),
    ...[asked.from, asked.to].filter((v) => v !== undefined),
  ]);
  const choices = [...numbers].map((v) => ({ value: String(v), label: name(v) }));
  return (
    <div className={css.main}>
      <div className={css.list}>
        {workflow.state === 'archived' ? (
          <Panel title={t('versions.archived')}>
            <div className={css.row}>
              <p className={css.text}>{t('versions.archivedText')}</p>
              {mayPublish && (
                <Button
                  variant="default"
                  size="compact-sm"
                  loading={back.isPending}
                  onClick={() => back.mutate()}
                >
                  {t('versions.restore', { name: workflow.name })}
                </Button>
              )}
            </div>
          </Panel>
        ) : (
          <ReviewPanel workflow={workflow} dirty={dirty} />
        )}
        {rows.length === 0 ? (
          <EmptyState
            icon={<IconVersions size={22} stroke={1.5} />}
            title={t('versions.none')}
            text={t('versions.noneText')}
          />
        ) : (
          <>
            <Panel
              title={t('versions.compare')}
              actions={
                <>
                  <Select
                    size="xs"
                    w={96}
                    aria-label={t('versions.from')}
                    data={choices}
                    value={base}
                    allowDeselect={false}
                    onChange={setFrom}
                  />
                  →
                  <Select
                    size="xs"
                    w={96}
                    aria-label={t('versions.to')}
                    data={[{ value: DRAFT, label: t('versions.draft') }, ...choices]}
                    value={to}
                    allowDeselect={false}
                    onChange={(v) => setTo(v ?? DRAFT)}
                  />
                </>
              }
            >
              <DiffView
                workflow={workflow.id}
                from={base === null ? null : Number(base)}
                to={to === DRAFT ? null : Number(to)}
                revision={workflow.revision}
              />
            </Panel>
            <MoveRuns workflow={workflow} versions={rows} />
            <Panel title={t('versions.all')} flush>
              <table className={css.versions}>
                <thead>
                  <tr>
                    <th>{t('list.version')}</th>
                    <th>{t('versions.publishedBy')}</th>
                    <th>{t('versions.publishedAt')}</th>
                    <th className={css.end}>{t('versions.nodes')}</th>
                    <th className={css.end}>{t('versions.runs')}</th>
                    <th aria-label={t('versions.actions')} />
                  </tr>
                </thead>
                <tbody>
                  {rows.map((v) => (
                    <tr
                      key={v.version}
                      {...(v.version === asked.version ? { ref: seek, 'aria-current': true } : {})}
                    >
                      <td>
                        {name(v.version)}
                        {v.version === workflow.version && ` · ${t('versions.inUse')}`}
                      </td>
                      <td data-label={t('versions.publishedBy')}>{v.publishedBy}</td>
                      <td data-label={t('versions.publishedAt')}>
                        <time dateTime={v.publishedAt}>{dateTime(v.publishedAt)}</time>
                      </td>
                      <td className={`num ${css.end}`} data-label={t('versions.nodes')}>
                        {v.nodes}
                      </td>
                      <td className={`num ${css.end}`} data-label={t('versions.runs')}>
                        {v.runs}
                      </td>
                      <td className={css.end}>
                        {!readOnly && (
                          <Button
                            variant="default"
                            size="compact-xs"
                            loading={take.isPending && take.variables === v.version}
                            onClick={() => take.mutate(v.version)}
                          >
                            {t('versions.take', { version: name(v.version) })}
                          </Button>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {query.hasNextPage && (
                <Button
                  variant="subtle"
                  fullWidth
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {t('versions.more')}
                </Button>
              )}
            </Panel>
          </>
        )}
        <FourEyesRule />
      </div>
    </div>
  );
}
