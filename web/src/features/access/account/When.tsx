import { useTranslation } from 'react-i18next';
import { age, dateTime } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/useNow';

/** How long ago; when exactly is in the tooltip, as everywhere. */
export function When({ at }: { at: string }) {
  const { t } = useTranslation();
  const now = useNow(30_000);
  const old = age(at, now);
  return (
    <time className="num" dateTime={at} title={dateTime(at)}>
      {old === 'now' ? t('access.account.now') : t('access.account.ago', { age: old })}
    </time>
  );
}
