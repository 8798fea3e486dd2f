import type { Connection, Edge, Node } from '@xyflow/react';
import type {
  Definition,
  EdgeDefinition,
  NodeDefinition,
  NodeTypeView,
  PortView,
} from '@/shared/client/types';

/** What a node does when its last attempt failed and nothing leads on from its error output. */
export type OnError = 'fail' | 'continue';
export type Retry = NonNullable<NodeDefinition['retry']>;

type NodeData = {
  type: string;
  name: string;
  config: Record<string, unknown>;
  retry?: Retry;
  timeoutSeconds?: number;
  onError?: OnError;
  /** Why it needs no approval though it destroys. */
  exemption?: string;
};
/** What holds for a whole run. */
export type RunSettings = NonNullable<Definition['settings']>;
export type FlowNode = Node<NodeData, 'workflow'>;
/** As wide as the style sheet draws it. */
export const NODE_W = 232;
export type Graph = { nodes: FlowNode[]; edges: Edge[]; settings?: RunSettings };
export type Catalogue = ReadonlyMap<string, NodeTypeView>;

/** A trigger starts a run, so nothing can lead to it. */
export const takesInput = (type: NodeTypeView | undefined) => type?.takesInput ?? true;

/** The outputs of a node: the cases its settings list, then those of its type. */
export function portsOf(config: Record<string, unknown>, type: NodeTypeView): PortView[] {
  const listed = type.casesIn ? config[type.casesIn] : undefined;
  const cases = Array.isArray(listed)
    ? listed
        .map((c) => (c as { name?: unknown } | null)?.name)
        .filter((n) => typeof n === 'string' && n !== '')
    : [];
  return [...[...new Set(cases as string[])].map((name) => ({ id: name, label: name })), ...type.ports];
}

/** Those that few drawings use among them. */
export const allPortsOf = (config: Record<string, unknown>, type: NodeTypeView): PortView[] => [
  ...portsOf(config, type),
  ...type.seldomPorts,
];

export const edgeId = (e: EdgeDefinition) => `${e.from}:${e.port}>${e.to}`;

const toFlowEdge = (e: EdgeDefinition): Edge => ({
  id: edgeId(e),
  source: e.from,
  sourceHandle: e.port,
  target: e.to,
  targetHandle: 'in',
});

const onErrorOf = (n: NodeDefinition & { onError?: OnError | null }) =>
  n.onError ? { onError: n.onError } : {};

/** The drawing of a stored definition. Edges whose node is gone are kept out of the canvas, which could not draw them. */
export function toGraph(definition: Definition): Graph {
  const keys = new Set(definition.nodes.map((n) => n.key));
  return {
    nodes: definition.nodes.map((n) => ({
      id: n.key,
      type: 'workflow' as const,
      position: { x: n.x, y: n.y },
      data: {
        type: n.type,
        name: n.name,
        config: n.config,
        ...(n.retry ? { retry: n.retry } : {}),
        ...(n.timeoutSeconds ? { timeoutSeconds: n.timeoutSeconds } : {}),
        ...onErrorOf(n),
        ...(n.exemption ? { exemption: n.exemption } : {}),
      },
    })),
    edges: definition.edges.filter((e) => keys.has(e.from) && keys.has(e.to)).map(toFlowEdge),
    ...(definition.settings ? { settings: definition.settings } : {}),
  };
}

export function toDefinition(graph: Graph, name: string, description: string): Definition {
  return {
    name,
    description,
    nodes: graph.nodes.map((n) => ({
      key: n.id,
      type: n.data.type,
      name: n.data.name,
      config: n.data.config,
      x: Math.round(n.position.x),
      y: Math.round(n.position.y),
      ...(n.data.retry ? { retry: n.data.retry } : {}),
      ...(n.data.timeoutSeconds ? { timeoutSeconds: n.data.timeoutSeconds } : {}),
      ...(n.data.onError ? { onError: n.data.onError } : {}),
      ...(n.data.exemption ? { exemption: n.data.exemption } : {}),
    })),
    edges: graph.edges.map((e) => ({ from: e.source, port: e.sourceHandle ?? '', to: e.target })),
    ...(graph.settings ? { settings: graph.settings } : {}),
  };
}

/** What a definition means, without where its nodes stand: moving a node changes nothing that could be wrong. */
export const meaning = (d: Definition) =>
  JSON.stringify({ ...d, nodes: d.nodes.map(({ x: _x, y: _y, ...rest }) => rest) });

/** Why an edge cannot be drawn, or null when it can. The server alone judges whether the whole drawing is sound. */
export type Refusal = 'self' | 'duplicate' | 'noInput' | 'noPort' | 'unknown';
export function refusal(
  c: Pick<Connection, 'source' | 'sourceHandle' | 'target'>,
  graph: Graph,
  catalogue: Catalogue,
): Refusal | null {
  const source = graph.nodes.find((n) => n.id === c.source);
  const target = graph.nodes.find((n) => n.id === c.target);
  if (!source || !target) return 'unknown';
  if (source.id === target.id) return 'self';
  if (!takesInput(catalogue.get(target.data.type))) return 'noInput';
  const from = catalogue.get(source.data.type);
  if (from && !allPortsOf(source.data.config, from).some((p) => p.id === c.sourceHandle)) return 'noPort';
  const drawn = graph.edges.some(
    (e) => e.source === c.source && e.target === c.target && e.sourceHandle === c.sourceHandle,
  );
  return drawn ? 'duplicate' : null;
}

export function connect(graph: Graph, from: string, port: string, to: string): Graph {
  return { ...graph, edges: [...graph.edges, toFlowEdge({ from, port, to })] };
}

/** Underscores, not hyphens: the key stands in expressions, where a hyphen would read as a minus. */
export function freshKey(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^[^a-z]+|_+$/g, '')
      .slice(0, 32) || 'node';
  if (!taken.has(base)) return base;
  let n = 2;
  while (taken.has(`${base}_${n}`)) n++;
  return `${base}_${n}`;
}

/** The values a schema's fields start with, so that a new node is as its form shows it. */
export function schemaDefaults(schema: unknown): Record<string, unknown> {
  const properties = (schema as { properties?: Record<string, { default?: unknown }> } | null)?.properties;
  const out: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(properties ?? {}))
    if (property.default !== undefined) out[key] = structuredClone(property.default);
  return out;
}

export function newNode(
  type: NodeTypeView,
  position: { x: number; y: number },
  taken: ReadonlySet<string>,
): FlowNode {
  return {
    id: freshKey(type.name, taken),
    type: 'workflow',
    position,
    selected: true,
    data: { type: type.type, name: type.name, config: schemaDefaults(type.configSchema) },
  };
}

/** The first output of a node that leads nowhere yet, for adding the next node by keyboard. */
export function freePort(graph: Graph, nodeId: string, catalogue: Catalogue): string | null {
  const node = graph.nodes.find((n) => n.id === nodeId);
  const type = node && catalogue.get(node.data.type);
  const ports = type ? portsOf(node.data.config, type) : [];
  const used = new Set(graph.edges.filter((e) => e.source === nodeId).map((e) => e.sourceHandle));
  return ports.find((p) => !used.has(p.id))?.id ?? null;
}

export function without(graph: Graph, ids: ReadonlySet<string>): Graph {
  return {
    nodes: graph.nodes.filter((n) => !ids.has(n.id)),
    edges: graph.edges.filter((e) => !ids.has(e.source) && !ids.has(e.target) && !ids.has(e.id)),
  };
}

/** A copy of a node beside it, with a key of its own and no edges. */
export function duplicate(graph: Graph, id: string): Graph {
  const node = graph.nodes.find((n) => n.id === id);
  if (!node) return graph;
  const copy: FlowNode = {
    ...node,
    id: freshKey(node.data.name, new Set(graph.nodes.map((n) => n.id))),
    position: { x: node.position.x + 32, y: node.position.y + 32 },
    selected: true,
    data: structuredClone(node.data),
  };
  return { ...graph, nodes: [...graph.nodes.map((n) => ({ ...n, selected: false })), copy] };
}
