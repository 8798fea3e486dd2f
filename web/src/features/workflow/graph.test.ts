import { describe, expect, test } from 'vitest';
import type { Definition, NodeTypeView } from '@/shared/client/types';
import { tidy } from './canvas/layout';
import {
  connect,
  duplicate,
  freePort,
  freshKey,
  meaning,
  newNode,
  refusal,
  schemaDefaults,
  toDefinition,
  toGraph,
  without,
} from './graph';

const type = (
  name: string,
  category: NodeTypeView['category'],
  ports: string[],
  configSchema: Record<string, unknown> = {},
): NodeTypeView => ({
  type: name,
  category,
  name,
  description: '',
  icon: '',
  configSchema,
  ports: ports.map((id) => ({ id, label: id })),
  seldomPorts: [],
  casesIn: null,
  takesInput: category !== 'trigger',
  destructive: false,
  simulated: false,
});
const catalogue = new Map(
  [
    type('start', 'trigger', ['out']),
    type('choose', 'condition', ['yes', 'no']),
    type('act', 'action', ['out'], {
      type: 'object',
      properties: { host: { type: 'string', default: 'trigger.host' }, note: { type: 'string' } },
    }),
    type('end', 'notification', []),
  ].map((t) => [t.type, t]),
);
const definition: Definition = {
  name: 'Contain',
  description: 'Cut off, then tell',
  nodes: [
    { key: 'a', type: 'start', name: 'Start', config: {}, x: 0, y: 0 },
    { key: 'b', type: 'choose', name: 'Choose', config: { expression: 'x > 1' }, x: 0, y: 100 },
    {
      key: 'c',
      type: 'act',
      name: 'Act',
      config: { host: 'h' },
      x: -140,
      y: 220,
      retry: { maxAttempts: 3, delaySeconds: 5, backoff: 'fixed' },
      timeoutSeconds: 30,
    },
    { key: 'd', type: 'end', name: 'End', config: {}, x: 140, y: 220 },
  ],
  edges: [
    { from: 'a', port: 'out', to: 'b' },
    { from: 'b', port: 'yes', to: 'c' },
    { from: 'b', port: 'no', to: 'd' },
  ],
};

test('a definition survives the way to the canvas and back', () => {
  expect(toDefinition(toGraph(definition), definition.name, definition.description)).toEqual(definition);
});
test('what a node does after its last attempt survives too, and an absent setting stays absent', () => {
  const [first, ...rest] = definition.nodes;
  const stored = {
    ...definition,
    nodes: [{ ...first, onError: 'continue', retry: null, timeoutSeconds: null }, ...rest],
  } as unknown as Definition;
  const back = toDefinition(toGraph(stored), '', '').nodes[0];
  expect(back).toMatchObject({ onError: 'continue' });
  expect(back).not.toHaveProperty('retry');
  expect(back).not.toHaveProperty('timeoutSeconds');
});
test('an edge to a node that is gone is not drawn', () => {
  const broken = { ...definition, edges: [...definition.edges, { from: 'c', port: 'out', to: 'gone' }] };
  expect(toGraph(broken).edges).toHaveLength(3);
});
test('moving a node changes nothing that could be wrong', () => {
  const moved = { ...definition, nodes: definition.nodes.map((n) => ({ ...n, x: n.x + 40 })) };
  const renamed = { ...definition, nodes: definition.nodes.map((n) => ({ ...n, name: `${n.name}!` })) };
  expect(meaning(moved)).toBe(meaning(definition));
  expect(meaning(renamed)).not.toBe(meaning(definition));
});

describe('an edge is refused', () => {
  const graph = toGraph(definition);
  const why = (source: string, sourceHandle: string, target: string) =>
    refusal({ source, sourceHandle, target }, graph, catalogue);
  test('to the node itself', () => expect(why('c', 'out', 'c')).toBe('self'));
  test('when it is drawn already', () => expect(why('b', 'yes', 'c')).toBe('duplicate'));
  test('into a trigger', () => expect(why('c', 'out', 'a')).toBe('noInput'));
  test('out of a port the node has not', () => expect(why('c', 'yes', 'd')).toBe('noPort'));
  test('to a node that is gone', () => expect(why('c', 'out', 'gone')).toBe('unknown'));
  test('but not from another port of the same two', () => expect(why('b', 'no', 'c')).toBeNull());
});

test('keys are words for expressions and never clash', () => {
  expect(freshKey('Isolate endpoint', new Set())).toBe('isolate_endpoint');
  expect(freshKey('Isolate endpoint', new Set(['isolate_endpoint', 'isolate_endpoint_2']))).toBe(
    'isolate_endpoint_3',
  );
  expect(freshKey('2. Ünïcode!', new Set())).toMatch(/^[a-z][a-z0-9_]*$/);
  expect(freshKey('???', new Set())).toBe('node');
});
test('a new node starts with the defaults of its form', () => {
  const act = catalogue.get('act') as NodeTypeView;
  expect(newNode(act, { x: 1, y: 2 }, new Set(['act'])).data.config).toEqual({ host: 'trigger.host' });
  expect(newNode(act, { x: 1, y: 2 }, new Set(['act'])).id).toBe('act_2');
  expect(schemaDefaults(null)).toEqual({});
});
test('the next node by keyboard continues the first output that leads nowhere', () => {
  const graph = toGraph({ ...definition, edges: [{ from: 'b', port: 'yes', to: 'c' }] });
  expect(freePort(graph, 'b', catalogue)).toBe('no');
  expect(freePort(connect(graph, 'b', 'no', 'd'), 'b', catalogue)).toBeNull();
});
test('removing a node removes its edges', () => {
  const left = without(toGraph(definition), new Set(['b']));
  expect(left.nodes.map((n) => n.id)).toEqual(['a', 'c', 'd']);
  expect(left.edges).toEqual([]);
});
test('a copy shares nothing with its original', () => {
  const graph = duplicate(toGraph(definition), 'c');
  const copy = graph.nodes.at(-1);
  expect(copy?.id).toBe('act');
  expect(copy?.data.config).toEqual({ host: 'h' });
  expect(copy?.data.config).not.toBe(definition.nodes[2]?.config);
});
test('tidy leaves no two nodes overlapping and keeps outputs in order', () => {
  const nodes = tidy(toGraph(definition), catalogue);
  for (const a of nodes)
    for (const b of nodes)
      if (a !== b)
        expect(
          Math.abs(a.position.x - b.position.x) >= 232 || Math.abs(a.position.y - b.position.y) >= 56,
        ).toBe(true);
  const x = (id: string) => nodes.find((n) => n.id === id)?.position.x ?? 0;
  expect(x('c')).toBeLessThan(x('d'));
});
