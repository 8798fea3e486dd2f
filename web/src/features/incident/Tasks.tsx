import { Button, Checkbox, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { IncidentDetail } from '@/shared/client/types';
import { toast } from '@/shared/ui/toast';
import { addTask, incidentQuery, setTask } from './api';
import css from './IncidentPanel.module.css';
import { useWords } from './words';

export function Tasks({ incident, readOnly }: { incident: IncidentDetail; readOnly: boolean }) {
  const t = useWords();
  const queries = useQueryClient();
  const [title, setTitle] = useState('');
  const refetch = () => queries.invalidateQueries({ queryKey: incidentQuery(incident.id).queryKey });
  const add = useMutation({
    mutationFn: (text: string) => addTask(incident.id, text),
    onSuccess: async () => {
      setTitle('');
      await refetch();
    },
    onError: toast.failed,
  });
  const set = useMutation({
    mutationFn: (task: { id: string; state: 'open' | 'done' }) => setTask(incident.id, task.id, task.state),
    onSuccess: refetch,
    onError: toast.failed,
  });
  if (readOnly && incident.tasks.length === 0) return null;
  return (
    <section aria-label={t('tasks')}>
      <h3>{t('tasks')}</h3>
      <ul className={css.tasks}>
        {incident.tasks.map((task) => {
          // Shown as asked for while the server is asked; it falls back when the server refuses.
          const asked = set.isPending && set.variables.id === task.id ? set.variables.state : task.state;
          return (
            <li key={task.id}>
              <Checkbox
                label={task.title}
                description={t('taskBy', { who: task.by })}
                checked={asked === 'done'}
                disabled={readOnly}
                onChange={(e) =>
                  set.mutate({ id: task.id, state: e.currentTarget.checked ? 'done' : 'open' })
                }
              />
            </li>
          );
        })}
      </ul>
      {!readOnly && (
        <form
          className={css.add}
          onSubmit={(e) => {
            e.preventDefault();
            if (title.trim()) add.mutate(title.trim());
          }}
        >
          <TextInput
            aria-label={t('newTask')}
            placeholder={t('newTask')}
            value={title}
            maxLength={300}
            onChange={(e) => setTitle(e.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!title.trim()} loading={add.isPending}>
            {t('addTask')}
          </Button>
        </form>
      )}
    </section>
  );
}
