import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type Edge, useReactFlow } from '@xyflow/react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { RunDetail } from '@/shared/client/types';
import { onTelephone } from '@/shared/lib/telephone';
import { Status } from '@/shared/ui/Status';
import barCss from '../builder/Builder.module.css';
import { Canvas, fit } from '../canvas/Canvas';
import { createMarks } from '../canvas/marks';
import { useRefit } from '../canvas/useRefit';
import { type Catalogue, type FlowNode, toGraph } from '../graph';
import { RunHands } from '../hands/RunHands';
import { Waits } from '../hands/Waits';
import { useWords } from '../words';
import { named } from './named';
import { RunMonitor } from './RunMonitor';
import css from './RunView.module.css';
import { StepPanel } from './StepPanel';
import { elapsed, isOver, takenEdges } from './timing';
import { useNow } from './useNow';
import { VersionChip } from './VersionChip';

const ReplayDialog = lazy(() => import('../trial/ReplayDialog').then((m) => ({ default: m.ReplayDialog })));

/** The step to look at when a run is opened: the one that needs somebody, else the latest that began. */
const stepToSee = (run: RunDetail) =>
  run.steps.find((s) => s.state === 'waiting' || s.state === 'in-doubt' || s.state === 'failed')?.key ??
  run.steps.find((s) => s.state === 'running')?.key ??
  null;
/** On a telephone its panel would cover the run: there it comes when somebody asks for it. */
const firstLook = (run: RunDetail) => (onTelephone() ? null : stepToSee(run));

export function RunView({ run, catalogue }: { run: RunDetail; catalogue: Catalogue }) {
  const t = useWords();
  const flow = useReactFlow<FlowNode, Edge>();
  const [selected, setSelected] = useState(() => firstLook(run));
  const [marks] = useState(createMarks);
  const moved = useRef(false);
  useRefit(true, moved); // what is said above the drawing and the rows below it come and go
  const [replaying, setReplaying] = useState(false);
  const over = isOver(run.state);
  const now = useNow(!over);

  const graph = useMemo(() => toGraph(run.definition), [run.definition]);
  const nodes = useMemo(
    () => graph.nodes.map((n) => ({ ...n, selected: n.id === selected })),
    [graph, selected],
  );
  const edges = useMemo(() => {
    const taken = takenEdges(run.steps, graph.edges);
    return graph.edges.map((e) => (taken.has(e.id) ? { ...e, className: 'taken' } : e));
  }, [graph, run.steps]);
  useEffect(() => {
    marks
      .getState()
      .set(
        Object.fromEntries(
          run.steps.map((s) => [s.key, { state: s.state, ms: s.endedAt ? elapsed(s, now) : null }]),
        ),
      );
  }, [run.steps, marks, now]);

  const show = useCallback(
    (key: string) => {
      setSelected(key);
      moved.current = true;
      void flow.fitView({ ...fit(), nodes: [{ id: key }], maxZoom: 1, duration: 200 });
    },
    [flow],
  );
  const step = run.steps.find((s) => s.key === selected) ?? null;
  const node = run.definition.nodes.find((n) => n.key === selected) ?? null;

  return (
    <div className={css.page} data-step={node ? true : undefined}>
      <header className={`${barCss.bar} ${css.bar}`}>
        <div className={`${barCss.crumbs} ${css.crumbs}`}>
          <Link to="/workflows">{t('list.title')}</Link>
          <i>/</i>
          <Link to="/workflows/$workflowId" params={{ workflowId: run.workflowId }}>
            {run.workflowName}
          </Link>
          <i>/</i>
          <h1>{t('run.title', { number: run.number })}</h1>
          <VersionChip run={run} />
          <Status value={run.state} />
          {run.subject && <span className={css.subject}>{run.subject}</span>}
        </div>
        <div className={barCss.tools}>
          {run.incidentId && (
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link to="/incidents/$incidentId" params={{ incidentId: run.incidentId ?? '' }} {...props} />
              )}
            >
              {t('run.incident')}
            </Button>
          )}
          {over && (
            <Button variant="default" onClick={() => setReplaying(true)}>
              {t('replay.open')}
            </Button>
          )}
          <RunHands run={run} />
        </div>
      </header>
      <Canvas
        nodes={nodes}
        edges={edges}
        catalogue={catalogue}
        marks={marks}
        onNodeClick={(_e, n) => setSelected(n.id)}
        onPaneClick={() => setSelected(null)}
        onMoveStart={(by) => {
          if (by) moved.current = true;
        }}
        onNodesChange={(changes) => {
          // Selecting by keyboard comes as a change; nothing else of a run's drawing can change.
          for (const c of changes) if (c.type === 'select' && c.selected) setSelected(c.id);
        }}
      >
        {run.result && <output className={css.result}>{named(run.result, run.definition.nodes)}</output>}
        <Waits run={run} />
      </Canvas>
      {node && (
        <StepPanel
          run={run}
          node={node}
          step={step}
          type={catalogue.get(node.type)}
          onClose={() => setSelected(null)}
        />
      )}
      {replaying && (
        <Suspense fallback={null}>
          <ReplayDialog run={run} onClose={() => setReplaying(false)} />
        </Suspense>
      )}
      <RunMonitor run={run} now={now} selected={selected} onSelect={show} />
    </div>
  );
}
