import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Definition } from '@/shared/client/types';
import { validateDefinition } from '../api';
import { meaning } from '../graph';

const AFTER_MS = 300;

/** The server's own judgement of the drawing, asked for when it has been still for a moment; moving nodes asks nothing. */
export function useValidation(definition: Definition) {
  const text = useMemo(() => meaning(definition), [definition]);
  const [settled] = useDebouncedValue(text, AFTER_MS);
  return useQuery({
    queryKey: ['workflow-validation', settled],
    queryFn: async ({ signal }) => {
      const { nodes, ...rest } = JSON.parse(settled) as Definition;
      const placed = { ...rest, nodes: nodes.map((n) => ({ ...n, x: 0, y: 0 })) };
      return (await validateDefinition(placed, signal)).problems;
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}
