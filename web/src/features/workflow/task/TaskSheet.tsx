import { Button, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/shared/client/http';
import type { HumanTaskDetail } from '@/shared/client/types';
import { dateTime, dueIn } from '@/shared/lib/format';
import dialog from '@/shared/ui/Dialog.module.css';
import layout from '@/shared/ui/ListDetail.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import css from '../approval/Approval.module.css';
import { useWords } from '../words';
import { doTask, giveTaskBack, refuseTask, takeTask, taskQuery } from './api';

const InputForm = lazy(() => import('../run/InputForm'));

/** What is to be done, by whom and until when; and for whom it asks, the form. */
export function TaskSheet({ id }: { id: string }) {
  const query = useQuery(taskQuery(id));
  if (query.data)
    return (
      <>
        {query.isError && <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />}
        <Sheet task={query.data} />
      </>
    );
  return query.isError ? (
    <ProblemNotice
      page
      problem={query.error}
      since={query.errorUpdatedAt}
      onRetry={() => void query.refetch()}
    />
  ) : (
    <Loading />
  );
}

function Sheet({ task }: { task: HumanTaskDetail }) {
  const t = useWords();
  const shared = useTranslation().t;
  const asked = task.asked.map((who) => shared(`role.${who}`, who)).join(', ');
  return (
    <article className={css.detail} aria-label={t('tasks.of', { title: task.title })}>
      <header>
        <Status value={task.state === 'open' && task.overdue ? 'overdue' : task.state} />
        <h2>{task.title}</h2>
      </header>
      {task.instructions && <p className={dialog.said}>{task.instructions}</p>}
      <dl className={layout.facts}>
        <dt>{t('tasks.asked')}</dt>
        <dd>{asked}</dd>
        {task.assigneeName && (
          <>
            <dt>{t('tasks.assignee')}</dt>
            <dd>{task.assigneeName}</dd>
          </>
        )}
        {task.slaAt && (
          <>
            <dt>{t('tasks.sla')}</dt>
            <dd className="num" title={dateTime(task.slaAt)}>
              {task.state === 'open' ? dueIn(task.slaAt) : dateTime(task.slaAt)}
            </dd>
          </>
        )}
        {task.dueAt && task.state === 'open' && (
          <>
            <dt>{t('tasks.due')}</dt>
            <dd className="num" title={dateTime(task.dueAt)}>
              {dueIn(task.dueAt)}
            </dd>
          </>
        )}
        <dt>{t('approval.run')}</dt>
        <dd>
          <Link to="/runs/$runId" params={{ runId: task.runId }}>
            {task.workflowName}
          </Link>
        </dd>
        {task.incidentId && (
          <>
            <dt>{t('approval.incident')}</dt>
            <dd>
              <Link to="/incidents/$incidentId" params={{ incidentId: task.incidentId }}>
                {t('approval.openIncident')}
              </Link>
            </dd>
          </>
        )}
      </dl>
      {task.state === 'open' ? <Work task={task} asked={asked} /> : <Ended task={task} />}
    </article>
  );
}

function Ended({ task }: { task: HumanTaskDetail }) {
  const t = useWords();
  return (
    <section aria-label={t('tasks.result')}>
      <p className={css.verdict}>
        <b>{t(`tasks.ended.${task.state}`, { who: task.doneBy ?? t('verdict.somebody') })}</b>
        {task.doneAt && <span className="num"> {dateTime(task.doneAt)}</span>}
        {task.reason && <span className={css.reason}>{task.reason}</span>}
      </p>
      {task.fields && Object.keys(task.fields).length > 0 && (
        <dl className={layout.facts}>
          {Object.entries(task.fields).map(([name, value]) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </Fragment>
          ))}
        </dl>
      )}
    </section>
  );
}

/** The form's schema; null where it asks for nothing. */
export function formOf(text: string): Record<string, unknown> | null {
  if (!text.trim()) return null;
  try {
    const schema: unknown = JSON.parse(text);
    return schema && typeof schema === 'object' ? (schema as Record<string, unknown>) : null;
  } catch {
    return null; // the server lets no such form be published
  }
}

function Work({ task, asked }: { task: HumanTaskDetail; asked: string }) {
  const t = useWords();
  const queries = useQueryClient();
  const schema = useMemo(() => formOf(task.form), [task.form]);
  const [fields, setFields] = useState<Record<string, unknown>>({});
  const [fits, setFits] = useState(schema === null || !Array.isArray(schema.required));
  const [giving, setGiving] = useState(false);
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: (how: 'take' | 'back' | 'done' | 'refuse') =>
      how === 'take'
        ? takeTask(task.id)
        : how === 'back'
          ? giveTaskBack(task.id)
          : how === 'done'
            ? doTask(task.id, fields)
            : refuseTask(task.id, reason.trim()),
    onSuccess: (next, how) => {
      queries.setQueryData(taskQuery(task.id).queryKey, next);
      if (how === 'done') toast.done(t('tasks.toldDone', { title: task.title }));
    },
    onError: (e) => {
      if (isProblem(e) && e.status === 409)
        void queries.invalidateQueries({ queryKey: taskQuery(task.id).queryKey });
    },
    onSettled: () => {
      for (const key of ['tasks', 'runs', 'incidents'])
        void queries.invalidateQueries({ queryKey: [key], refetchType: 'active' });
    },
  });
  if (!task.mayDo)
    return (
      <p className={css.lead}>
        {task.assigneeName ? t('tasks.taken', { who: task.assigneeName }) : t('tasks.notYours', { asked })}
      </p>
    );
  return (
    <form
      className={dialog.form}
      onSubmit={(e) => {
        e.preventDefault();
        act.mutate(giving ? 'refuse' : 'done');
      }}
    >
      {schema && !giving && (
        <Suspense fallback={<Loading />}>
          <InputForm
            schema={schema}
            value={fields}
            onChange={(value, ok) => {
              setFields(value);
              setFits(ok);
            }}
          />
        </Suspense>
      )}
      {giving && (
        <Textarea
          label={t('tasks.reason')}
          value={reason}
          onChange={(e) => setReason(e.currentTarget.value)}
          maxLength={2000}
          autosize
          minRows={2}
          required
        />
      )}
      {act.isError && <ProblemNotice problem={act.error} />}
      <div className={dialog.buttons}>
        <Button variant="default" onClick={() => setGiving(!giving)}>
          {t(giving ? 'tasks.notRefuse' : 'tasks.refuse')}
        </Button>
        {!giving && (
          <Button
            variant="default"
            loading={act.isPending && act.variables !== 'done'}
            onClick={() => act.mutate(task.mine ? 'back' : 'take')}
          >
            {t(task.mine ? 'tasks.giveBack' : 'tasks.take')}
          </Button>
        )}
        <Button
          type="submit"
          loading={act.isPending && (act.variables === 'done' || act.variables === 'refuse')}
          disabled={giving ? !reason.trim() : !fits}
          {...(giving ? { color: 'red.8' } : {})}
        >
          {t(giving ? 'tasks.refuseButton' : 'tasks.doneButton')}
        </Button>
      </div>
    </form>
  );
}
