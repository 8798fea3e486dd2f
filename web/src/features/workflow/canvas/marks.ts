import { createContext, useContext } from 'react';
import { createStore, type StoreApi, useStore } from 'zustand';
import type { NodeTypeView, StepState } from '@/shared/client/types';
import type { Mark } from '../builder/problems';
import type { Catalogue } from '../graph';

/** What a node shows beside its own data: its worst problem while drawing, its step's state while running. */
export type NodeMark = { problem?: Mark; state?: StepState; ms?: number | null };
type Marks = { marks: Record<string, NodeMark>; set: (next: Record<string, NodeMark>) => void };
export type MarkStore = StoreApi<Marks>;

const same = (a: NodeMark | undefined, b: NodeMark) =>
  a !== undefined && a.problem === b.problem && a.state === b.state && a.ms === b.ms;

/** Marks live outside the node objects, so that a state change redraws the one node it is about. */
export const createMarks = (): MarkStore =>
  createStore((set) => ({
    marks: {},
    set: (next) =>
      set((s) => ({
        marks: Object.fromEntries(
          Object.entries(next).map(([id, mark]) => {
            const old = s.marks[id];
            return [id, old && same(old, mark) ? old : mark];
          }),
        ),
      })),
  }));

type CanvasContext = { catalogue: Catalogue; marks: MarkStore };
export const CanvasData = createContext<CanvasContext | null>(null);

function useCanvasData(): CanvasContext {
  const data = useContext(CanvasData);
  if (!data) throw new Error('A workflow node is drawn outside of a canvas');
  return data;
}
export const useNodeType = (type: string): NodeTypeView | undefined => useCanvasData().catalogue.get(type);
export const useMark = (id: string): NodeMark | undefined =>
  useStore(useCanvasData().marks, (s) => s.marks[id]);
