import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isProblem, type Problem } from '@/shared/client/http';
import type { WorkflowDetail } from '@/shared/client/types';
import { toast } from '@/shared/ui/toast';
import { publishWorkflow, readWorkflow, saveDraft, workflowQuery } from '../api';
import { toDefinition } from '../graph';
import { useWords } from '../words';
import type { EditorStore } from './editor';

/** Refusals to publish that say what is to be done; they stay over the canvas until they are read. */
const isToldInPlace = (problem: unknown): problem is Problem =>
  isProblem(problem) &&
  ['workflow-not-sound', 'review-needed', 'own-edit', 'tests-failed'].some((slug) => problem.is(slug));

/**
 * Saves and publishes the drawing. A save names the revision it started from; when somebody else saved meanwhile the
 * server refuses it, and `conflict` holds what is there now until the person chose.
 */
export function useSaving(workflow: WorkflowDetail, editor: EditorStore) {
  const t = useWords();
  const queries = useQueryClient();
  const [conflict, setConflict] = useState<WorkflowDetail | null>(null);
  const key = workflowQuery(workflow.id).queryKey;
  const keep = (next: WorkflowDetail) => {
    queries.setQueryData(key, next);
    void queries.invalidateQueries({ queryKey: ['workflows', 'list'] });
  };

  const save = useMutation({
    mutationFn: async (revision: number) => {
      const { edits, name, description, ...graph } = editor.getState();
      return { edits, saved: await saveDraft(workflow.id, revision, toDefinition(graph, name, description)) };
    },
    onSuccess: ({ edits, saved }) => {
      editor.getState().markSaved(edits);
      setConflict(null);
      keep(saved);
    },
    onError: async (problem) => {
      if (isProblem(problem) && problem.is('edited-meanwhile')) setConflict(await readWorkflow(workflow.id));
      else toast.failed(problem);
    },
  });
  const publish = useMutation({
    mutationFn: async () => {
      const { edits, saved } = editor.getState();
      if (edits !== saved) await save.mutateAsync(workflow.revision);
      return publishWorkflow(workflow.id);
    },
    onSuccess: (next) => {
      keep(next);
      toast.done(t('builder.published', { name: next.name, version: next.version }));
    },
    onError: (problem) => {
      // What the save said was told where it happened; an unsound drawing is told by the list of problems.
      if (!save.isError && !isToldInPlace(problem)) toast.failed(problem);
    },
  });

  return {
    conflict,
    saving: save.isPending,
    publishing: publish.isPending,
    refusal: publish.error && isToldInPlace(publish.error) ? publish.error : null,
    save: () => save.mutate(workflow.revision),
    publish: () => publish.mutate(),
    takeTheirs: () => {
      if (!conflict) return;
      editor.getState().load(conflict.draft);
      keep(conflict);
      setConflict(null);
    },
    keepMine: () => {
      if (conflict) save.mutate(conflict.revision);
    },
    dismissRefusal: publish.reset,
  };
}
