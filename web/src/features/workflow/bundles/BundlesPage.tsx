import { Button, Checkbox } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rowsOf } from '@/shared/client/query';
import { useCan } from '@/shared/client/session';
import { Loading } from '@/shared/ui/Loading';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { workflowsQuery } from '../api';
import { useWords } from '../words';
import { exportPath, keysQuery } from './api';
import css from './Bundles.module.css';
import { ImportBundle } from './ImportBundle';
import { TrustedKeys } from './TrustedKeys';

/** Workflows out of and into the company, as signed files. */
export function BundlesPage() {
  const mayPublish = useCan('workflow:publish');
  const keys = useQuery(keysQuery);
  if (keys.isError && !keys.data)
    return (
      <ProblemNotice
        page
        problem={keys.error}
        since={keys.errorUpdatedAt}
        onRetry={() => void keys.refetch()}
      />
    );
  if (!keys.data) return <Loading />;
  return (
    <div className={css.page}>
      <div className={css.column}>
        <ImportBundle />
        {mayPublish && <ExportBundle />}
        <TrustedKeys keys={keys.data} />
      </div>
    </div>
  );
}

function ExportBundle() {
  const t = useWords();
  const query = useInfiniteQuery(workflowsQuery);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const published = rowsOf(query.data).filter((w) => w.version !== null);
  return (
    <Panel title={t('bundles.export')}>
      <div className={css.stack}>
        <p className={css.text}>{t('bundles.exportText')}</p>
        {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <Loading />}
        {query.data && published.length === 0 && <p className={css.text}>{t('bundles.none')}</p>}
        {published.length > 0 && (
          <Checkbox.Group value={[...chosen]} onChange={setChosen} label={t('bundles.which')}>
            <div className={css.choices}>
              {published.map((w) => (
                <Checkbox
                  key={w.id}
                  size="xs"
                  value={w.id}
                  label={`${w.name} · ${t('builder.version', { version: w.version })}`}
                />
              ))}
            </div>
          </Checkbox.Group>
        )}
        {query.hasNextPage && (
          <Button variant="subtle" onClick={() => void query.fetchNextPage()}>
            {t('versions.more')}
          </Button>
        )}
        {chosen.length > 0 && (
          <div>
            <Button component="a" href={exportPath(chosen)} download leftSection={<IconDownload size={14} />}>
              {t('bundles.download', { count: chosen.length })}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
