import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { StepView } from '@/shared/client/types';
import { bytes } from '@/shared/lib/format';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { payloadLink, previewQuery } from '../api';
import { useWords } from '../words';
import css from './StepData.module.css';

export type Reference = StepView['payloads'][number];

/** A value that is too large to be shown: its size, its beginning when asked for, and a download. */
export function ByReference({ runId, reference }: { runId: string; reference: Reference }) {
  const t = useWords();
  const [open, setOpen] = useState(false);
  const preview = useQuery({ ...previewQuery(runId, reference.hash), enabled: open });
  const name = reference.name === '*' ? t('step.reference.members') : reference.name;
  return (
    <div className={css.reference}>
      <p>
        <span className="mono">{name}</span> {t('step.reference.size', { size: bytes(reference.bytes) })}
      </p>
      <div className={css.row}>
        <Button size="compact-xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t('step.reference.hide', { name }) : t('step.reference.show', { name })}
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          component="a"
          href={payloadLink(runId, reference.hash, reference.kind)}
          download
        >
          {t('step.reference.download', { name })}
        </Button>
      </div>
      {open && preview.error && <ProblemNotice problem={preview.error} />}
      {open && preview.isPending && <p>{t('loading')}</p>}
      {open && preview.data && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
        <pre className="mono" tabIndex={0}>
          {preview.data.text}
          {preview.data.bytes > 1024 && '…'}
        </pre>
      )}
    </div>
  );
}
