import { Button, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { sessionQuery } from '@/shared/client/session';
import type { SessionBoundsView } from '@/shared/client/types';
import { date, number } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { lookoutQuery, sessionBoundsQuery, setSessionBounds } from './api';
import { FactorResetDelay } from './FactorResetDelay';
import css from './Settings.module.css';

/** How long the company lets its people stay signed in. */
export function SessionBoundsPage() {
  const { t } = useTranslation();
  const { data, error, errorUpdatedAt, refetch } = useQuery(sessionBoundsQuery);
  return (
    <section className={css.section} aria-label={t('settings.sessions.title')}>
      <div className={css.tools}>
        <p>{t('settings.sessions.text')}</p>
      </div>
      {error && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && <BoundsForm bounds={data} />}
      <Watch />
      <FactorResetDelay />
    </section>
  );
}

/** What is seen of sign-ins here, and what is not. */
function Watch() {
  const { t } = useTranslation();
  const { data, error, errorUpdatedAt, refetch } = useQuery(lookoutQuery);
  return (
    <div className={`${dialog.form} ${css.narrow}`}>
      <h2 className={css.part}>{t('settings.sessions.watch')}</h2>
      <p className={dialog.text}>{t('settings.sessions.watchText')}</p>
      {error && <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} />}
      {data && (
        <p className={dialog.text}>
          {data.places && data.builtAt
            ? t('settings.sessions.watchPlaces', { places: data.places, at: date(data.builtAt) })
            : t(data.configured ? 'settings.sessions.watchBroken' : 'settings.sessions.watchBlind')}
        </p>
      )}
    </div>
  );
}

function BoundsForm({ bounds }: { bounds: SessionBoundsView }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const whole = (text: string) => /^\d{1,6}$/.test(text.trim());
  const wrong = t('settings.sessions.number');
  const f = useForm({
    initial: { idleMinutes: String(bounds.idleMinutes), absoluteMinutes: String(bounds.absoluteMinutes) },
    check: (v) => ({
      ...(whole(v.idleMinutes) ? {} : { idleMinutes: wrong }),
      ...(whole(v.absoluteMinutes) ? {} : { absoluteMinutes: wrong }),
    }),
    send: (v) =>
      setSessionBounds({ idleMinutes: Number(v.idleMinutes), absoluteMinutes: Number(v.absoluteMinutes) }),
    done: (set) => {
      queries.setQueryData(sessionBoundsQuery.queryKey, set);
      void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
      toast.done(t('settings.sessions.saved', { idle: set.idleMinutes, absolute: set.absoluteMinutes }));
    },
  });
  return (
    <form className={`${dialog.form} ${css.narrow}`} aria-label={t('settings.sessions.title')} {...f.form}>
      {f.problem !== null && <ProblemNotice problem={f.problem} />}
      <TextInput
        label={t('settings.sessions.idle')}
        description={t('settings.sessions.idleHint', {
          least: number(bounds.idleLeast),
          most: number(bounds.idleMost),
        })}
        inputMode="numeric"
        {...f.field('idleMinutes')}
      />
      <TextInput
        label={t('settings.sessions.absolute')}
        description={t('settings.sessions.absoluteHint', {
          least: number(bounds.absoluteLeast),
          most: number(bounds.absoluteMost),
        })}
        inputMode="numeric"
        {...f.field('absoluteMinutes')}
      />
      <div className={dialog.buttons}>
        <Button type="submit" loading={f.busy}>
          {t('settings.sessions.save')}
        </Button>
      </div>
    </form>
  );
}
