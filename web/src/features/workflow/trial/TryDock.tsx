import { ActionIcon, Button, JsonInput, Select } from '@mantine/core';
import {
  IconFlask,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconX,
} from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Definition, TryRequest, TryView } from '@/shared/client/types';
import { duration } from '@/shared/lib/format';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { parseInput } from '../run/input';
import { named } from '../run/named';
import { StepData } from '../run/StepData';
import { useWords } from '../words';
import { benchQuery, tryDraft } from './api';
import css from './Trial.module.css';
import { asDrawn, nodeOf, toggled } from './trial';

type Where = Pick<TryRequest, 'after' | 'single' | 'until'> & { at?: string };

/** Runs what is on the canvas with simulated effects: whole, to a node, to breakpoints, or step by step. */
export function TryDock({
  workflow,
  definition,
  selected,
  onTried,
  onShow,
  onClose,
}: {
  workflow: string;
  definition: Definition;
  /** The node that is chosen on the canvas, with its name. */
  selected: { id: string; name: string } | undefined;
  onTried: (tried: TryView | null) => void;
  onShow: (node: string) => void;
  onClose: () => void;
}) {
  const t = useWords();
  const [text, setText] = useState('{}');
  const [decide, setDecide] = useState<TryRequest['decide']>('approve');
  const [points, setPoints] = useState<ReadonlySet<string>>(new Set());
  const bench = useQuery(benchQuery(workflow));
  const input = parseInput(text);
  const run = useMutation({
    mutationFn: ({ at, ...where }: Where) =>
      tryDraft(workflow, {
        definition,
        input: input ?? {},
        breakpoints: [...points].filter((p) => definition.nodes.some((n) => n.key === p)),
        decide,
        ...where,
        ...(at ? { at } : {}),
      }),
    onSuccess: onTried,
  });
  const tried = run.data;
  const stop = tried?.stop ?? null;
  const from = stop && tried ? { after: stop.position, at: tried.at } : { after: -1 };
  const pins = Object.keys(bench.data?.pins ?? {});
  const nameOf = (key: string) => definition.nodes.find((n) => n.key === key)?.name ?? key;
  const button = (label: string, icon: React.ReactNode, where: Where, off = false) => (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={icon}
      disabled={!input || off}
      loading={run.isPending}
      onClick={() => run.mutate(where)}
    >
      {label}
    </Button>
  );
  return (
    <section className={css.dock} aria-label={t('trial.title')}>
      <header className={css.head}>
        <IconFlask size={15} aria-hidden="true" />
        <h2>{t('trial.title')}</h2>
        {tried && <Status value={stop ? 'waiting' : tried.state} />}
        <div className={css.buttons}>
          {button(t('trial.run'), <IconPlayerPlay size={13} />, { after: -1, single: false })}
          {button(t('trial.step'), <IconPlayerSkipForward size={13} />, { ...from, single: true })}
          {button(t('trial.goOn'), <IconPlayerTrackNext size={13} />, { ...from, single: false }, !stop)}
          {selected && (
            <>
              <Button
                size="compact-sm"
                variant="default"
                disabled={!input}
                loading={run.isPending}
                onClick={() => run.mutate({ after: -1, single: false, until: selected.id })}
              >
                {t('trial.toHere', { name: selected.name })}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                aria-pressed={points.has(selected.id)}
                onClick={() => setPoints((p) => toggled(p, selected.id))}
              >
                {t(points.has(selected.id) ? 'trial.noPoint' : 'trial.point', { name: selected.name })}
              </Button>
            </>
          )}
        </div>
        <ActionIcon aria-label={t('trial.close')} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <div className={css.body}>
        <div className={css.stack}>
          <JsonInput
            label={t('trial.input')}
            value={text}
            onChange={setText}
            error={input ? undefined : t('start.inputWrong')}
            autosize
            minRows={3}
            maxRows={8}
            data-code
          />
          <Select
            label={t('trial.people')}
            data={[
              { value: 'approve', label: t('trial.approve') },
              { value: 'decline', label: t('trial.decline') },
              { value: 'nobody', label: t('trial.nobody') },
            ]}
            value={decide}
            allowDeselect={false}
            onChange={(v) => v && setDecide(v)}
          />
          {pins.length > 0 && (
            <p className={css.text}>{t('trial.pinned', { names: pins.map(nameOf).join(', ') })}</p>
          )}
          {points.size > 0 && (
            <p className={css.text}>{t('trial.points', { names: [...points].map(nameOf).join(', ') })}</p>
          )}
        </div>
        <div className={css.stack}>
          {run.error && <ProblemNotice problem={run.error} />}
          {!tried && !run.error && <p className={css.text}>{t('trial.text')}</p>}
          {tried && !stop && (
            <p className={css.text}>
              {tried.summary && named(tried.summary, definition.nodes)}{' '}
              {t('trial.took', { time: duration(tried.tookMillis) })}{' '}
              {named(tried.notes.join(' '), definition.nodes)}
            </p>
          )}
          {stop && (
            <>
              <p className={css.text}>
                {t(stop.before ? 'trial.stoppedBefore' : 'trial.stoppedAfter', {
                  name: nameOf(nodeOf(stop.step)),
                })}
              </p>
              <StepData label={t('trial.config')} value={stop.config} />
              <StepData label={t('trial.context')} value={stop.context} />
            </>
          )}
          {tried && tried.unusedPins.length > 0 && (
            <p className={css.text}>
              {t('trial.unusedPins', { names: tried.unusedPins.map(nameOf).join(', ') })}
            </p>
          )}
          {tried && (
            <table className={css.steps} aria-label={t('trial.steps')}>
              <tbody>
                {asDrawn(tried.steps, definition.nodes).map((s) => (
                  <tr key={s.step}>
                    <td>
                      <button type="button" onClick={() => onShow(nodeOf(s.step))}>
                        {nameOf(nodeOf(s.step))}
                        {s.step.includes('/') && <span className="mono"> {s.step}</span>}
                      </button>
                    </td>
                    <td>
                      <Status value={s.state} />
                    </td>
                    <td>
                      {s.pinned ? t('trial.isPinned') : s.simulated ? t('trial.isSimulated') : ''}{' '}
                      {s.port && s.port !== 'out' ? s.port : ''}
                    </td>
                    <td className={`${css.output} mono`}>
                      {s.note ?? (s.output ? JSON.stringify(s.output).slice(0, 300) : '')}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      </div>
    </section>
  );
}
