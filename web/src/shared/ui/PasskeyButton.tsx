import { Button, type ButtonProps } from '@mantine/core';
import { IconAlertTriangle, IconFingerprint } from '@tabler/icons-react';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { PasskeyEnded, type PasskeyPlace, passkeyPlace } from '@/shared/client/passkey';
import { useSession } from '@/shared/client/session';
import css from './PasskeyButton.module.css';
import { ProblemNotice } from './ProblemNotice';

/** Has the browser make or show a passkey; says what came of it, or why it cannot be used on this page. */
export function PasskeyButton<R>({
  label,
  run,
  done,
  ...button
}: { label: string; run: () => Promise<R>; done: (result: R) => void } & ButtonProps) {
  const { t } = useTranslation();
  const place = passkeyPlace(useSession());
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  if (place.at !== 'here') return <PasskeyNotHere place={place} />;
  const press = async () => {
    setBusy(true);
    setFailed(null);
    try {
      done(await run());
    } catch (e) {
      setFailed(e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={css.passkey}>
      {failed instanceof PasskeyEnded ? (
        <p role="alert" className={css.failed}>
          <IconAlertTriangle size={15} />
          {t(`ui.passkey.${failed.why}`)}
        </p>
      ) : (
        failed !== null && <ProblemNotice problem={failed} />
      )}
      <Button
        type="button"
        loading={busy}
        leftSection={<IconFingerprint size={16} />}
        onClick={() => void press()}
        {...button}
      >
        {label}
      </Button>
    </div>
  );
}

/** Says honestly why there is no passkey to be had here. */
export function PasskeyNotHere({ place }: { place: Exclude<PasskeyPlace, { at: 'here' }> }) {
  return (
    <p className={css.not}>
      <Trans
        i18nKey={`ui.passkey.${place.at}`}
        values={{ origin: place.at === 'elsewhere' ? place.origin : '' }}
        components={{
          a: (
            // biome-ignore lint/a11y/useAnchorContent: the sentence brings its words
            <a href={place.at === 'elsewhere' ? place.origin + window.location.pathname : undefined} />
          ),
        }}
      />
    </p>
  );
}
