import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { duration } from '@/shared/lib/format';

/** Says how long the server asked to wait instead of offering what it would refuse. */
export function SubmitButton({ label, busy, wait }: { label: string; busy: boolean; wait: number }) {
  const { t } = useTranslation();
  return (
    <Button type="submit" size="sm" fullWidth loading={busy} disabled={wait > 0}>
      {wait > 0 ? t('access.waitFor', { time: duration(wait * 1000) }) : label}
    </Button>
  );
}
