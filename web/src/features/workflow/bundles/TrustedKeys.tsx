import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { BundleKeyView } from '@/shared/client/types';
import { dateTime } from '@/shared/lib/format';
import { CopyButton } from '@/shared/ui/CopyButton';
import { confirm } from '@/shared/ui/confirm';
import { Panel } from '@/shared/ui/Panel';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { distrustKey, keysQuery, trustKey } from './api';
import css from './Bundles.module.css';

/** Whose signatures count, the company's own first. */
export function TrustedKeys({ keys }: { keys: readonly BundleKeyView[] }) {
  const t = useWords();
  const may = useCan('settings:manage');
  const queries = useQueryClient();
  const [key, setKey] = useState('');
  const [name, setName] = useState('');
  const again = () => void queries.invalidateQueries({ queryKey: keysQuery.queryKey });
  const trust = useMutation({
    mutationFn: () => trustKey(key.trim(), name.trim()),
    onSuccess: (added) => {
      toast.done(t('bundles.trusted', { name: added.name }));
      setKey('');
      setName('');
      again();
    },
  });
  const remove = async (k: BundleKeyView) => {
    const sure = await confirm({
      title: t('bundles.distrustTitle', { name: k.name }),
      text: t('bundles.distrustText'),
      action: t('bundles.distrustAction', { name: k.name }),
      destructive: true,
    });
    if (!sure) return;
    try {
      await distrustKey(k.id);
      toast.done(t('bundles.distrusted', { name: k.name }));
    } catch (e) {
      toast.failed(e);
    }
    again();
  };
  return (
    <Panel title={t('bundles.keys')}>
      <div className={css.stack}>
        <p className={css.text}>{t('bundles.keysText')}</p>
        <ul className={css.parts}>
          {keys.map((k) => (
            <li key={k.id}>
              <div className={css.what}>
                <b>{k.name}</b>
                {k.own ? (
                  <span className={css.kind}>{t('bundles.ownKey')}</span>
                ) : (
                  <span className={css.text}>
                    {k.addedBy}, {dateTime(k.addedAt)}
                  </span>
                )}
                <span className={css.space} />
                <CopyButton size="compact-xs" text={k.key} label={t('bundles.copy')} />
                {may && !k.own && (
                  <Button variant="default" size="compact-xs" onClick={() => void remove(k)}>
                    {t('bundles.distrust')}
                  </Button>
                )}
              </div>
              <p className={`mono ${css.id}`}>{k.id}</p>
            </li>
          ))}
        </ul>
        {may && (
          <form
            className={css.add}
            onSubmit={(e) => {
              e.preventDefault();
              if (key.trim() && name.trim()) trust.mutate();
            }}
          >
            <TextInput
              label={t('bundles.addKey')}
              description={t('bundles.addKeyHelp')}
              value={key}
              maxLength={200}
              onChange={(e) => setKey(e.currentTarget.value)}
            />
            <TextInput
              label={t('bundles.addName')}
              value={name}
              maxLength={120}
              onChange={(e) => setName(e.currentTarget.value)}
            />
            <Button
              type="submit"
              variant="default"
              disabled={!key.trim() || !name.trim()}
              loading={trust.isPending}
            >
              {t('bundles.add')}
            </Button>
          </form>
        )}
        {trust.isError && <ProblemNotice problem={trust.error} />}
      </div>
    </Panel>
  );
}
