import { cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useRefit } from './useRefit';

const canvas = vi.hoisted(() => ({ height: 600, fitView: vi.fn() }));
vi.mock('./Canvas', () => ({ fit: () => ({ minZoom: 0.5 }) }));
vi.mock('@xyflow/react', () => ({
  useReactFlow: () => ({ fitView: canvas.fitView }),
  useStore: (of: (state: { height: number }) => number) => of(canvas),
}));
beforeEach(() => canvas.fitView.mockClear());
afterEach(cleanup);

function open() {
  canvas.height = 600;
  const hook = renderHook(({ taken }) => useRefit(taken), { initialProps: { taken: false } });
  return (taken: boolean, height: number) => {
    canvas.height = height;
    hook.rerender({ taken });
    return canvas.fitView.mock.calls.length;
  };
}

test('the drawing is fitted when its room was taken, took more, and was given back, each time once', () => {
  const now = open();
  expect(now(true, 600)).toBe(0); // what takes the room is still being loaded
  expect(now(true, 400)).toBe(1);
  expect(now(true, 300)).toBe(2);
  expect(now(false, 300)).toBe(2);
  expect(now(false, 600)).toBe(3);
  expect(now(false, 500)).toBe(3);
});

test('a drawing that somebody moved stays there', () => {
  canvas.height = 600;
  const moved = { current: false };
  const hook = renderHook(() => useRefit(true, moved));
  canvas.height = 500;
  hook.rerender();
  moved.current = true;
  canvas.height = 400;
  hook.rerender();
  expect(canvas.fitView).toHaveBeenCalledTimes(1);
});

test('where nothing takes room, a window of another size leaves the drawing where somebody moved it', () => {
  const now = open();
  expect(now(false, 500)).toBe(0);
  expect(now(false, 700)).toBe(0);
});
