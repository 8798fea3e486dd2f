import { Button, Checkbox, FileButton, Select, TextInput } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { BundlePart, BundleSight } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { workflowsQuery } from '../api';
import { Differences } from '../versions/DiffView';
import { useWords } from '../words';
import { type Choice, importBundle, keysQuery, lookAtBundle, trustKey } from './api';
import css from './Bundles.module.css';

type Action = Choice['action'] | 'leave';
const usual = (part: BundlePart): Action =>
  part.state === 'new' ? 'create' : part.state === 'differs' ? 'replace' : 'leave';

/** A file, who signed it, what it would change, and the import of what was chosen. */
export function ImportBundle() {
  const t = useWords();
  const administers = useCan('settings:manage');
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [actions, setActions] = useState<Readonly<Record<string, Action>>>({});
  const [because, setBecause] = useState('');
  const [older, setOlder] = useState(false);
  const look = useMutation({ mutationFn: lookAtBundle });
  const sight = look.data;
  const actionOf = (part: BundlePart) => actions[part.source] ?? usual(part);
  const chosen = (sight?.workflows ?? []).flatMap((part): Choice[] => {
    const action = actionOf(part);
    return action === 'leave' ? [] : [{ source: part.source, action, revision: part.revision }];
  });
  const trusted = sight?.signer != null && sight.signer.trustedAs !== null;
  const take = useMutation({
    mutationFn: () => importBundle(text, chosen, trusted ? null : because.trim(), older),
    onSuccess: () => void queries.invalidateQueries({ queryKey: workflowsQuery.queryKey }),
  });
  const trust = useMutation({
    mutationFn: (signer: NonNullable<BundleSight['signer']>) => trustKey(signer.key, signer.name),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keysQuery.queryKey });
      look.mutate(text);
    },
  });
  const open = async (file: File | null) => {
    if (!file) return;
    const read = await file.text();
    setText(read);
    setActions({});
    setBecause('');
    setOlder(false);
    take.reset();
    look.mutate(read);
  };
  return (
    <Panel title={t('bundles.import')}>
      <div className={css.stack}>
        <p className={css.text}>{t('bundles.importText')}</p>
        <div>
          <FileButton accept=".json,application/json" onChange={(file) => void open(file)}>
            {(props) => (
              <Button
                {...props}
                variant="default"
                leftSection={<IconFileImport size={14} />}
                loading={look.isPending}
              >
                {t(sight ? 'bundles.another' : 'bundles.choose')}
              </Button>
            )}
          </FileButton>
        </div>
        {look.isError && <ProblemNotice problem={look.error} />}
        {take.data && (
          <div className={css.stack} role="status">
            <p className={css.text}>{t('bundles.taken', { count: take.data.workflows.length })}</p>
            <div className={css.what}>
              {take.data.workflows.map((w) => (
                <Link key={w.id} to="/workflows/$workflowId" params={{ workflowId: w.id }}>
                  {t('bundles.open', { name: w.name })}
                </Link>
              ))}
            </div>
          </div>
        )}
        {sight && !take.data && (
          <>
            <Signer sight={sight} />
            {sight.signer && !trusted && administers && (
              <div>
                <Button
                  variant="default"
                  size="compact-sm"
                  loading={trust.isPending}
                  onClick={() => sight.signer && trust.mutate(sight.signer)}
                >
                  {t('bundles.trustIt')}
                </Button>
              </div>
            )}
            <ul className={css.parts} aria-label={t('bundles.contents')}>
              {sight.workflows.map((part) => (
                <Part
                  key={part.source}
                  part={part}
                  action={actionOf(part)}
                  onAction={(action) => setActions((old) => ({ ...old, [part.source]: action }))}
                />
              ))}
              {sight.templates.map((template) => (
                <li key={template.name}>
                  <div className={css.what}>
                    <b>{template.name}</b>
                    <span className={css.text}>
                      {t('bundles.templates')}: {t(`bundles.template.${template.state}`)}
                    </span>
                  </div>
                </li>
              ))}
            </ul>
            {sight.workflows.some((p) => p.state === 'older' && actionOf(p) !== 'leave') && (
              <Checkbox
                size="xs"
                label={t('bundles.older')}
                checked={older}
                onChange={(e) => setOlder(e.currentTarget.checked)}
              />
            )}
            {!trusted && !administers && <p className={css.warn}>{t('bundles.notTrusted')}</p>}
            {!trusted && administers && (
              <TextInput
                label={t('bundles.accept')}
                description={t('bundles.acceptHelp')}
                maxLength={500}
                value={because}
                onChange={(e) => setBecause(e.currentTarget.value)}
              />
            )}
            {take.isError && <ProblemNotice problem={take.error} />}
            <div>
              <Button
                disabled={chosen.length === 0 || (!trusted && (!administers || !because.trim()))}
                loading={take.isPending}
                onClick={() => take.mutate()}
              >
                {t('bundles.take', { count: chosen.length })}
              </Button>
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}

function Signer({ sight }: { sight: BundleSight }) {
  const t = useWords();
  const { signer } = sight;
  return (
    <dl className={css.signer} data-trusted={(signer !== null && signer.trustedAs !== null) || undefined}>
      <div>
        <dt>{signer ? t('bundles.signedBy', { name: signer.name }) : t('bundles.unsigned')}</dt>
        {signer && (
          <dd>
            {signer.own
              ? t('bundles.own')
              : signer.trustedAs !== null
                ? t('bundles.asKnown', { name: signer.trustedAs })
                : t('bundles.unknown')}
          </dd>
        )}
      </div>
      {signer && (
        <div>
          <dt>{t('bundles.key')}</dt>
          <dd className={`mono ${css.id}`}>{signer.id}</dd>
        </div>
      )}
      <div>
        <dt>{t('bundles.made')}</dt>
        <dd>{dateTime(sight.made)}</dd>
      </div>
    </dl>
  );
}

function Part({
  part,
  action,
  onAction,
}: {
  part: BundlePart;
  action: Action;
  onAction: (action: Action) => void;
}) {
  const t = useWords();
  const [open, setOpen] = useState(false);
  return (
    <li>
      <div className={css.what}>
        <b>{part.name}</b>
        <span className={css.kind} data-state={part.state}>
          {t(`bundles.state.${part.state}`)}
        </span>
        <span className={css.text}>
          {t(`bundles.stateText.${part.state}`, {
            name: part.targetName ?? '',
            version: part.version,
            was: part.was,
          })}
        </span>
        <span className={css.space} />
        {part.state !== 'same' && (
          <Select
            size="xs"
            w={170}
            aria-label={t('bundles.action', { name: part.name })}
            value={action}
            allowDeselect={false}
            data={[
              { value: 'leave', label: t('bundles.leave') },
              { value: 'create', label: t('bundles.create') },
              ...(part.target === null ? [] : [{ value: 'replace', label: t('bundles.replace') }]),
            ]}
            onChange={(value) => {
              if (value === 'leave' || value === 'create' || value === 'replace') onAction(value);
            }}
          />
        )}
      </div>
      {part.missing.length > 0 && (
        <p className={css.warn}>{t('bundles.missing', { ids: part.missing.join(', ') })}</p>
      )}
      {part.secrets.length > 0 && (
        <p className={css.warn}>{t('bundles.secrets', { names: part.secrets.join(', ') })}</p>
      )}
      {part.connections.length > 0 && (
        <p className={css.text}>{t('bundles.connections', { names: part.connections.join(', ') })}</p>
      )}
      {part.diff && (
        <Button variant="subtle" size="compact-xs" onClick={() => setOpen(!open)}>
          {t(open ? 'bundles.hideDiff' : 'bundles.showDiff')}
        </Button>
      )}
      {part.diff && open && <Differences diff={part.diff} />}
    </li>
  );
}
