import { expect, test } from 'vitest';
import type { Definition, NodeTypeView } from '@/shared/client/types';
import { createEditor } from './editor';

const start: NodeTypeView = {
  type: 'start',
  category: 'trigger',
  name: 'Start',
  description: '',
  icon: '',
  configSchema: {},
  ports: [{ id: 'out', label: 'Then' }],
  seldomPorts: [],
  casesIn: null,
  takesInput: false,
  destructive: false,
  simulated: false,
};
const act: NodeTypeView = { ...start, type: 'act', category: 'action', name: 'Act', takesInput: true };
const catalogue = new Map([start, act].map((t) => [t.type, t]));
const blank: Definition = { name: 'W', description: '', nodes: [], edges: [] };

function editing() {
  let now = 0;
  const store = createEditor(blank, () => now);
  return { store, get: () => store.getState(), later: (ms: number) => (now += ms) };
}

test('adding by keyboard connects to the selected node, and undo takes back both', () => {
  const { get } = editing();
  get().add(start, null, catalogue);
  get().add(act, null, catalogue);
  expect(get().edges.map((e) => [e.source, e.sourceHandle, e.target])).toEqual([['start', 'out', 'act']]);
  expect(get().nodes.find((n) => n.selected)?.id).toBe('act');
  get().undo();
  expect(get().nodes.map((n) => n.id)).toEqual(['start']);
  expect(get().edges).toEqual([]);
  get().redo();
  expect(get().edges).toHaveLength(1);
});
test('nothing leads to a trigger that is added by keyboard', () => {
  const { get } = editing();
  get().add(act, null, catalogue);
  get().add(start, null, catalogue);
  expect(get().edges).toEqual([]);
});
test('typing a word is undone at once, two pauses apart are two steps', () => {
  const { get, later } = editing();
  get().add(act, { x: 0, y: 0 }, catalogue);
  for (const name of ['C', 'Cu', 'Cut']) {
    later(100);
    get().change('act', { name });
  }
  later(5000);
  get().change('act', { name: 'Cut off' });
  get().undo();
  expect(get().nodes[0]?.data.name).toBe('Cut');
  get().undo();
  expect(get().nodes[0]?.data.name).toBe('Act');
});
test('a drag is one step, however many moves it has', () => {
  const { get } = editing();
  get().add(act, { x: 0, y: 0 }, catalogue);
  get().dragStart();
  for (const x of [8, 16, 24])
    get().nodeChanges([{ id: 'act', type: 'position', position: { x, y: 0 }, dragging: true }]);
  get().dragStop();
  expect(get().nodes[0]?.position.x).toBe(24);
  get().undo();
  expect(get().nodes[0]?.position.x).toBe(0);
});
test('selecting is no edit', () => {
  const { get } = editing();
  get().add(act, { x: 0, y: 0 }, catalogue);
  const { edits } = get();
  get().select(null);
  get().select('act');
  expect(get().edits).toBe(edits);
});
test('an edit made while a save was under way stays unsaved', () => {
  const { get } = editing();
  get().add(act, { x: 0, y: 0 }, catalogue);
  const sent = get().edits;
  get().change('act', { name: 'Later' });
  get().markSaved(sent);
  expect(get().edits).not.toBe(get().saved);
});
test('removing what is selected takes its edges along; with nothing selected it does nothing', () => {
  const { get } = editing();
  get().add(start, null, catalogue);
  get().add(act, null, catalogue);
  get().removeSelected();
  expect([get().nodes.length, get().edges.length]).toEqual([1, 0]);
  const { edits } = get();
  get().removeSelected();
  expect(get().edits).toBe(edits);
});
test('loading another draft forgets the history', () => {
  const { get } = editing();
  get().add(act, { x: 0, y: 0 }, catalogue);
  get().load({ ...blank, name: 'Theirs' });
  expect(get().name).toBe('Theirs');
  expect(get().edits).toBe(get().saved);
  get().undo();
  expect(get().nodes).toEqual([]);
});
