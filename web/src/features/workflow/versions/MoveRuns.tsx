import { Button } from '@mantine/core';
import { useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { WorkflowDetail } from '@/shared/client/types';
import { Panel } from '@/shared/ui/Panel';
import { useWords } from '../words';
import { MoveDialog } from './MoveDialog';
import css from './Versions.module.css';

/** Which older versions still have runs that go on, and the way to move these to the version in use. */
export function MoveRuns({
  workflow,
  versions,
}: {
  workflow: WorkflowDetail;
  versions: readonly { version: number; runs: number }[];
}) {
  const t = useWords();
  const mayPublish = useCan('workflow:publish');
  const [from, setFrom] = useState<number | null>(null);
  const to = workflow.version;
  const older = versions.filter((v) => to !== null && v.version < to && v.runs > 0);
  if (!mayPublish || to === null || (older.length === 0 && from === null)) return null;
  return (
    <Panel title={t('moves.title')}>
      <div className={css.stack}>
        <p className={css.text}>{t('moves.text', { version: to })}</p>
        {older.map((v) => (
          <div className={css.row} key={v.version}>
            <p>{t('moves.live', { count: v.runs, version: v.version })}</p>
            <Button variant="default" size="compact-sm" onClick={() => setFrom(v.version)}>
              {t('moves.open', { from: v.version, to })}
            </Button>
          </div>
        ))}
      </div>
      {from !== null && (
        <MoveDialog workflow={workflow.id} from={from} to={to} onClose={() => setFrom(null)} />
      )}
    </Panel>
  );
}
