import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { IncidentDetail } from '@/shared/client/types';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { addComment, incidentQuery } from './api';
import css from './IncidentPanel.module.css';
import { useWords } from './words';

export function Comment({ incidentId }: { incidentId: string }) {
  const t = useWords();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const { queryKey } = incidentQuery(incidentId);
  const send = useMutation({
    mutationFn: (comment: string) => addComment(incidentId, comment),
    onSuccess: (entry) => {
      setText('');
      queries.setQueryData<IncidentDetail>(queryKey, (old) =>
        old && !old.timeline.some((e) => e.id === entry.id)
          ? { ...old, timeline: [...old.timeline, entry] }
          : old,
      );
      void queries.invalidateQueries({ queryKey });
    },
  });
  return (
    <form
      className={css.comment}
      onSubmit={(e) => {
        e.preventDefault();
        if (text.trim()) send.mutate(text.trim());
      }}
    >
      <Textarea
        aria-label={t('comment')}
        placeholder={t('comment')}
        value={text}
        autosize
        minRows={2}
        maxRows={8}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) e.currentTarget.form?.requestSubmit();
        }}
      />
      {send.isError && <ProblemNotice problem={send.error} />}
      <Button type="submit" variant="default" disabled={!text.trim()} loading={send.isPending}>
        {t('addComment')}
      </Button>
    </form>
  );
}
