import { Button, Loader } from '@mantine/core';
import { IconPointer } from '@tabler/icons-react';
import { useBlocker } from '@tanstack/react-router';
import { type Connection, type Edge, type OnConnectEnd, useReactFlow } from '@xyflow/react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useCan } from '@/shared/client/session';
import type { NodeTypeView, TryView, WorkflowDetail } from '@/shared/client/types';
import { useCommands } from '@/shared/lib/commands';
import { confirm } from '@/shared/ui/confirm';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { toast } from '@/shared/ui/toast';
import { Canvas, fit } from '../canvas/Canvas';
import { createMarks } from '../canvas/marks';
import { useRefit } from '../canvas/useRefit';
import { type Catalogue, type FlowNode, NODE_W, refusal, toDefinition } from '../graph';
import { NodeLibrary } from '../library/NodeLibrary';
import { useNodeDrag } from '../library/useNodeDrag';
import { RunDialog } from '../run/RunDialog';
import { trialMarks } from '../trial/trial';
import { useWords } from '../words';
import css from './Builder.module.css';
import { BuilderBar, TABS, type Tab } from './BuilderBar';
import { createEditor } from './editor';
import { Notices } from './Notices';
import { ProblemsStrip } from './ProblemsStrip';
import { marks as marksOf } from './problems';
import { useSaving } from './useSaving';
import { useValidation } from './useValidation';

const Inspector = lazy(() => import('../inspector/Inspector'));
const RunsTab = lazy(() => import('../run/RunsTab'));
const RunSettingsDialog = lazy(() =>
  import('../hands/RunSettingsDialog').then((m) => ({ default: m.RunSettingsDialog })),
);
const TriggersTab = lazy(() => import('../trigger/TriggersTab'));
const VersionsTab = lazy(() => import('../versions/VersionsTab'));
const TestsTab = lazy(() => import('../trial/TestsTab'));
const InsightsTab = lazy(() => import('../insight/InsightsTab'));
const TryDock = lazy(() => import('../trial/TryDock').then((m) => ({ default: m.TryDock })));

export function Builder({
  workflow,
  types,
  catalogue,
}: {
  workflow: WorkflowDetail;
  types: readonly NodeTypeView[];
  catalogue: Catalogue;
}) {
  const t = useWords();
  const mayWrite = useCan('workflow:write');
  const [editor] = useState(() => createEditor(workflow.draft));
  const [marks] = useState(createMarks);
  const { nodes, edges, settings, name, description, edits, saved, history, ...act } = useStore(editor);
  const [tab, setTab] = useState<Tab>(askedTab);
  const [running, setRunning] = useState(false);
  const [trying, setTrying] = useState(false);
  const [tried, setTried] = useState<TryView | null>(null);
  const [library, setLibrary] = useState(false);
  const [configuring, setConfiguring] = useState(false);
  const flow = useReactFlow<FlowNode, Edge>();
  useRefit(trying);
  const search = useRef<HTMLInputElement>(null);
  const canvas = useRef<HTMLElement>(null);
  const readOnly = !mayWrite || workflow.state === 'archived';
  const dirty = edits !== saved;

  const graph = useMemo(
    () => ({ nodes, edges, ...(settings ? { settings } : {}) }),
    [nodes, edges, settings],
  );
  const definition = useMemo(() => toDefinition(graph, name, description), [graph, name, description]);
  const validation = useValidation(definition);
  const saving = useSaving(workflow, editor);
  const problems = validation.data;
  const chosen = nodes.filter((n) => n.selected);
  const selected = chosen.length === 1 ? chosen[0] : undefined;
  const names = useMemo(() => new Map(nodes.map((n) => [n.id, n.data.name])), [nodes]);

  useEffect(() => {
    const worst = marksOf(problems ?? [], editor.getState().edges.map(edgeOf));
    marks.getState().set(trialMarks(worst, tried));
  }, [problems, editor, marks, tried]);

  // The settings take room from the canvas: what was chosen must not end up beside it.
  const chosenId = selected?.id;
  useEffect(() => {
    if (!chosenId) return;
    const frame = requestAnimationFrame(() => {
      const node = flow.getNode(chosenId);
      const box = canvas.current?.getBoundingClientRect();
      if (!node || !box) return;
      const right = flow.flowToScreenPosition({ x: node.position.x + NODE_W, y: 0 }).x;
      const free = box.right - (window.innerWidth < OVERLAY_BELOW ? SETTINGS_W : 0);
      const over = right + 16 - free;
      const view = flow.getViewport();
      if (over > 0) void flow.setViewport({ ...view, x: view.x - over });
    });
    return () => cancelAnimationFrame(frame);
  }, [chosenId, flow]);

  useBlocker({
    shouldBlockFn: async () =>
      !(await confirm({
        title: t('leave.title'),
        text: t('leave.text', { name }),
        action: t('leave.action', { name }),
        destructive: true,
      })),
    enableBeforeUnload: dirty,
    disabled: !dirty,
  });

  const show = useCallback(
    (id: string) => {
      setTab('design');
      act.select(id);
      requestAnimationFrame(
        () => void flow.fitView({ ...fit(), nodes: [{ id }], maxZoom: 1, duration: 200 }),
      );
    },
    [act.select, flow],
  );
  const { drag, start, wasDrag } = useNodeDrag((type, x, y) => {
    const r = canvas.current?.getBoundingClientRect();
    if (!r || x < r.left || x > r.right || y < r.top || y > r.bottom) return;
    const p = flow.screenToFlowPosition({ x, y });
    act.add(type, { x: p.x - NODE_W / 2, y: p.y - 28 }, catalogue);
  });
  const addByKey = (type: NodeTypeView) => {
    if (wasDrag()) return;
    act.add(type, null, catalogue);
    setLibrary(false);
    requestAnimationFrame(() => void flow.fitView({ ...fit(), duration: 200 }));
  };
  const layout = async () => {
    const { tidy } = await import('../canvas/layout');
    act.arrange(tidy(editor.getState(), catalogue));
    requestAnimationFrame(() => void flow.fitView({ ...fit(), duration: 200 }));
  };
  const mayConnect = useCallback(
    (c: Edge | Connection) =>
      refusal(
        { source: c.source, target: c.target, sourceHandle: c.sourceHandle ?? null },
        graph,
        catalogue,
      ) === null,
    [graph, catalogue],
  );
  const sayWhyNot: OnConnectEnd = (_e, s) => {
    if (s.isValid !== false || !s.fromNode || !s.toNode) return;
    const why = refusal(
      { source: s.fromNode.id, target: s.toNode.id, sourceHandle: s.fromHandle?.id ?? null },
      graph,
      catalogue,
    );
    if (why) toast.failed(new Error(t(`refusal.${why}`)));
  };
  const find = () => {
    setLibrary(true); // seen only where the library has no room of its own
    requestAnimationFrame(() => search.current?.focus());
  };
  const tryIt = () => {
    setTab('design');
    setTrying((on) => !on);
    setTried(null);
  };
  const run = () => (workflow.published ? setRunning(true) : toast.failed(new Error(t('run.publishFirst'))));

  useCommands([
    { id: 'wf-run', label: t('keys.run'), keys: 'R', run },
    { id: 'wf-try', label: t('keys.try'), keys: 'T', run: tryIt },
    ...(readOnly || tab !== 'design'
      ? []
      : [
          { id: 'wf-search', label: t('keys.search'), keys: '/', run: find },
          { id: 'wf-tidy', label: t('keys.tidy'), keys: 'L', run: () => void layout() },
          { id: 'wf-undo', label: t('keys.undo'), keys: 'mod+Z', run: act.undo },
          { id: 'wf-redo', label: t('keys.redo'), keys: 'mod+shift+Z', run: act.redo },
          { id: 'wf-save', label: t('keys.save'), keys: 'mod+S', run: saving.save },
          { id: 'wf-delete', label: t('keys.delete'), keys: 'Delete', run: act.removeSelected },
        ]),
  ]);

  return (
    <div
      className={css.page}
      data-config={(tab === 'design' && selected) || undefined}
      data-tab={tab}
      data-library={library || undefined}
      data-reading={readOnly || undefined}
    >
      <BuilderBar
        workflow={workflow}
        name={name}
        description={description}
        tab={tab}
        onTab={setTab}
        readOnly={readOnly}
        dirty={dirty}
        saving={saving.saving}
        publishing={saving.publishing}
        canUndo={history.past.length > 0}
        canRedo={history.future.length > 0}
        onLibrary={find}
        onRename={act.rename}
        onSettings={() => setConfiguring(true)}
        onUndo={act.undo}
        onRedo={act.redo}
        onTidy={() => void layout()}
        onSave={saving.save}
        onRun={run}
        onTry={tryIt}
        onPublish={saving.publish}
      />
      {tab === 'triggers' ? (
        <Suspense fallback={<Loading />}>
          <TriggersTab workflow={workflow} />
        </Suspense>
      ) : tab === 'versions' ? (
        <Suspense fallback={<Loading />}>
          <VersionsTab
            workflow={workflow}
            dirty={dirty}
            readOnly={readOnly}
            onTake={(drawn) => {
              act.replace(drawn);
              setTab('design');
            }}
          />
        </Suspense>
      ) : tab === 'tests' ? (
        <Suspense fallback={<Loading />}>
          <TestsTab workflowId={workflow.id} definition={definition} />
        </Suspense>
      ) : tab === 'insights' ? (
        <Suspense fallback={<Loading />}>
          <InsightsTab workflowId={workflow.id} drawn={definition.nodes} onShow={show} />
        </Suspense>
      ) : tab === 'runs' ? (
        <Suspense fallback={<Loading />}>
          <RunsTab workflow={workflow} onRun={run} />
        </Suspense>
      ) : (
        <>
          {!readOnly && (
            <NodeLibrary
              types={types}
              onAdd={addByKey}
              onDragStart={start}
              onClose={library ? () => setLibrary(false) : undefined}
              searchRef={search}
            />
          )}
          <Canvas
            nodes={nodes}
            edges={edges}
            catalogue={catalogue}
            marks={marks}
            box={canvas}
            onNodesChange={act.nodeChanges}
            onEdgesChange={act.edgeChanges}
            {...(readOnly
              ? {}
              : {
                  onConnect: (c: Connection) => act.connect(c.source, c.sourceHandle ?? '', c.target),
                  onConnectEnd: sayWhyNot,
                  isValidConnection: mayConnect,
                  onNodeDragStart: act.dragStart,
                  onNodeDragStop: act.dragStop,
                })}
          >
            <Notices saving={saving} name={name} onReview={() => setTab('versions')} />
            {trying && (
              <Suspense fallback={null}>
                <TryDock
                  workflow={workflow.id}
                  definition={definition}
                  selected={selected ? { id: selected.id, name: selected.data.name } : undefined}
                  onTried={setTried}
                  onShow={act.select}
                  onClose={tryIt}
                />
              </Suspense>
            )}
            {nodes.length === 0 && (
              <div className={css.empty}>
                <EmptyState
                  icon={<IconPointer size={22} />}
                  title={t('builder.empty')}
                  text={t('builder.emptyText')}
                  action={
                    !readOnly && (
                      <Button variant="default" onClick={find}>
                        {t('builder.emptyAction')}
                      </Button>
                    )
                  }
                />
              </div>
            )}
          </Canvas>
          {selected && (
            <Suspense
              fallback={
                <div className={css.loading}>
                  <Loader size="sm" aria-label={t('loading')} />
                </div>
              }
            >
              <Inspector
                workflowId={workflow.id}
                node={selected}
                graph={graph}
                catalogue={catalogue}
                problems={(problems ?? []).filter((p) => p.node === selected.id)}
                readOnly={readOnly}
                onChange={(data) => act.change(selected.id, data)}
                onConnect={(port, to) => act.connect(selected.id, port, to)}
                onDisconnect={act.disconnect}
                onDuplicate={() => act.duplicate(selected.id)}
                onDelete={() => act.remove(selected.id)}
                onClose={() => act.select(null)}
              />
            </Suspense>
          )}
          {drag && (
            <div className={css.ghost} style={{ transform: `translate(${drag.x - 90}px, ${drag.y - 18}px)` }}>
              {drag.type.name}
            </div>
          )}
          <ProblemsStrip
            problems={problems}
            edges={definition.edges}
            names={names}
            failure={validation.error}
            onRetry={() => void validation.refetch()}
            onSelect={show}
          />
        </>
      )}
      {configuring && (
        <Suspense>
          <RunSettingsDialog
            workflowId={workflow.id}
            settings={settings}
            onChange={act.configure}
            onClose={() => setConfiguring(false)}
          />
        </Suspense>
      )}
      {running && <RunDialog workflow={workflow} dirty={dirty} onClose={() => setRunning(false)} />}
    </div>
  );
}

/** A link may lead to another tab than the drawing. */
function askedTab(): Tab {
  const tab = new URLSearchParams(window.location.search).get('tab');
  return TABS.find((known) => known === tab) ?? 'design';
}
/** Below this width the settings lie over the canvas instead of beside it, as the style sheet says. */
const OVERLAY_BELOW = 1280;
const SETTINGS_W = 308;
const edgeOf = (e: Edge) => ({ from: e.source, port: e.sourceHandle ?? '', to: e.target });
