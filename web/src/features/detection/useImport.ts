import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { importRules } from './api';

/** One import at a time: how much of the file is sent, then what came of it. */
export function useImport() {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<{ name: string; sent: number; total: number } | null>(null);
  const run = useMutation({
    mutationFn: (file: File) => {
      setProgress({ name: file.name, sent: 0, total: file.size });
      return importRules(file, (sent, total) => setProgress({ name: file.name, sent, total }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['rules'] }),
  });
  return {
    start: run.mutate,
    running: run.isPending,
    progress: run.isPending ? progress : null,
    fileName: progress?.name ?? '',
    result: run.data ?? null,
    problem: run.error,
    dismiss: run.reset,
  };
}
