import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { duration } from '@/shared/lib/format';

/** Says how long the server asked to wait instead of offering what it would refuse. */
export function SubmitButton({
  label,
  busy,
  wait,
  inline = false,
  second = false,
}: {
  label: string;
  busy: boolean;
  wait: number;
  /** Beside other buttons, instead of at the foot of a card. */
  inline?: boolean;
  /** Another button is the one to press first. */
  second?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <Button
      type="submit"
      loading={busy}
      disabled={wait > 0}
      variant={second ? 'default' : 'filled'}
      {...(inline ? {} : { size: 'sm', fullWidth: true })}
    >
      {wait > 0 ? t('access.waitFor', { time: duration(wait * 1000) }) : label}
    </Button>
  );
}
