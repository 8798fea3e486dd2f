import { type Edge, useReactFlow, useStore } from '@xyflow/react';
import { type RefObject, useEffect, useRef } from 'react';
import type { FlowNode } from '../graph';
import { fit } from './Canvas';

/** Where room is short, seeing the whole comes before reading the names. */
const SMALLEST = 0.3;

/**
 * Fits the drawing into the room that is left while something takes room from it, and again when that is gone.
 * @param moved set once somebody looks elsewhere: from then on the drawing stays there
 */
export function useRefit(taken: boolean, moved?: RefObject<boolean>) {
  const { fitView } = useReactFlow<FlowNode, Edge>();
  const height = useStore((s) => s.height);
  const before = useRef({ taken, height });
  useEffect(() => {
    const was = before.current;
    before.current = { taken: taken || (was.taken && was.height === height), height };
    if (was.height === height || !(taken || was.taken) || moved?.current) return;
    void fitView(taken ? { ...fit(), minZoom: SMALLEST } : fit());
  }, [taken, height, fitView, moved]);
}
