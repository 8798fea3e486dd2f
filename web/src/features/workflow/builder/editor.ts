import {
  applyEdgeChanges,
  applyNodeChanges,
  type Edge,
  type EdgeChange,
  type NodeChange,
} from '@xyflow/react';
import { createStore, type StoreApi } from 'zustand';
import type { Definition, NodeTypeView } from '@/shared/client/types';
import {
  type Catalogue,
  connect,
  duplicate,
  type FlowNode,
  freePort,
  type Graph,
  newNode,
  type RunSettings,
  takesInput,
  toGraph,
  without,
} from '../graph';
import { emptyHistory, type History, record, redo, undo } from './history';

type Drawing = Graph & { name: string; description: string };
type Editor = Drawing & {
  history: History<Drawing>;
  /** Counts every edit; the draft is saved when `saved` has caught up with it. */
  edits: number;
  saved: number;
  dragging: boolean;
  nodeChanges: (changes: NodeChange<FlowNode>[]) => void;
  edgeChanges: (changes: EdgeChange[]) => void;
  dragStart: () => void;
  dragStop: () => void;
  select: (id: string | null) => void;
  add: (type: NodeTypeView, at: { x: number; y: number } | null, catalogue: Catalogue) => void;
  connect: (from: string, port: string, to: string) => void;
  disconnect: (edgeId: string) => void;
  change: (id: string, data: Partial<FlowNode['data']>) => void;
  rename: (name: string, description: string) => void;
  configure: (settings: RunSettings) => void;
  duplicate: (id: string) => void;
  removeSelected: () => void;
  remove: (id: string) => void;
  arrange: (nodes: FlowNode[]) => void;
  undo: () => void;
  redo: () => void;
  /** Another drawing instead of this one, as an edit: its places and names with it. */
  replace: (definition: Definition) => void;
  load: (definition: Definition) => void;
  markSaved: (edits: number) => void;
};
export type EditorStore = StoreApi<Editor>;

const drawing = ({ nodes, edges, name, description, settings }: Drawing): Drawing => ({
  nodes,
  edges,
  name,
  description,
  settings: settings ?? {},
});
const deselected = (nodes: FlowNode[]) => nodes.map((n) => (n.selected ? { ...n, selected: false } : n));
const moved = (change: NodeChange<FlowNode>, nodes: FlowNode[]) => {
  if (change.type !== 'position' || !change.position) return false;
  const old = nodes.find((n) => n.id === change.id)?.position;
  return old !== undefined && (old.x !== change.position.x || old.y !== change.position.y);
};

/** The state of one builder page: the drawing, its selection and its history. The server's copy lives in the query cache. */
export function createEditor(definition: Definition, now: () => number = Date.now): EditorStore {
  return createStore<Editor>((set, get) => {
    /** An edit that can be undone; edits with the same tag in quick succession are undone as one. */
    const edit = (next: Partial<Drawing>, tag: string | null = null) => {
      const s = get();
      set({ ...next, edits: s.edits + 1, history: record(s.history, drawing(s), tag, now()) });
    };
    const travel = (to: { history: History<Drawing>; state: Drawing } | null) => {
      if (to) set({ ...to.state, history: to.history, edits: get().edits + 1 });
    };
    return {
      ...toGraph(definition),
      name: definition.name,
      description: definition.description,
      history: emptyHistory(),
      edits: 0,
      saved: 0,
      dragging: false,
      nodeChanges: (changes) => {
        const s = get();
        const nodes = applyNodeChanges(changes, s.nodes);
        const move = changes.some((c) => moved(c, s.nodes));
        if (move && !s.dragging) edit({ nodes }, 'move');
        else set(move ? { nodes, edits: s.edits + 1 } : { nodes });
      },
      edgeChanges: (changes) => {
        const edges = applyEdgeChanges(changes, get().edges);
        if (changes.some((c) => c.type === 'remove')) edit({ edges });
        else set({ edges });
      },
      dragStart: () => set((s) => ({ dragging: true, history: record(s.history, drawing(s), null, now()) })),
      dragStop: () => set({ dragging: false }),
      select: (id) =>
        set((s) => ({
          nodes: s.nodes.map((n) => (!!n.selected === (n.id === id) ? n : { ...n, selected: n.id === id })),
          edges: s.edges.map((e) => (e.selected ? { ...e, selected: false } : e)),
        })),
      add: (type, at, catalogue) => {
        const s = get();
        const from = at ? undefined : s.nodes.find((n) => n.selected);
        const port = from && takesInput(type) ? freePort(s, from.id, catalogue) : null;
        const node = newNode(type, at ?? below(s.nodes, from), new Set(s.nodes.map((n) => n.id)));
        const graph: Graph = { nodes: [...deselected(s.nodes), node], edges: s.edges };
        edit(from && port ? connect(graph, from.id, port, node.id) : graph);
      },
      connect: (from, port, to) => edit(connect(get(), from, port, to)),
      disconnect: (id) => edit({ edges: get().edges.filter((e: Edge) => e.id !== id) }),
      change: (id, data) =>
        edit(
          {
            nodes: get().nodes.map((n) => (n.id === id ? { ...n, data: { ...n.data, ...data } } : n)),
          },
          `change ${id}`,
        ),
      rename: (name, description) => edit({ name, description }, 'rename'),
      configure: (settings) => edit({ settings }),
      duplicate: (id) => edit(duplicate(get(), id)),
      removeSelected: () => {
        const s = get();
        const ids = new Set([...s.nodes, ...s.edges].filter((x) => x.selected).map((x) => x.id));
        if (ids.size > 0) edit(without(s, ids));
      },
      remove: (id) => edit(without(get(), new Set([id]))),
      arrange: (nodes) => {
        if (nodes.length > 0) edit({ nodes });
      },
      undo: () => travel(undo(get().history, drawing(get()))),
      redo: () => travel(redo(get().history, drawing(get()))),
      replace: (next) => edit({ ...toGraph(next), name: next.name, description: next.description }),
      load: (next) =>
        set({
          settings: {},
          ...toGraph(next),
          name: next.name,
          description: next.description,
          history: emptyHistory(),
          edits: 0,
          saved: 0,
        }),
      markSaved: (edits) => set({ saved: edits }),
    };
  });
}

/** Under the node it continues from, else under everything. */
function below(nodes: readonly FlowNode[], from: FlowNode | undefined): { x: number; y: number } {
  if (from) {
    const x = from.position.x;
    let y = from.position.y + 120;
    while (nodes.some((n) => Math.abs(n.position.x - x) < 232 && Math.abs(n.position.y - y) < 90)) y += 96;
    return { x, y };
  }
  const lowest = nodes.reduce((y, n) => Math.max(y, n.position.y), -96);
  return { x: nodes[0]?.position.x ?? 0, y: nodes.length ? lowest + 120 : 0 };
}
