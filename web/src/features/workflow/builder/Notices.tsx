import { Button } from '@mantine/core';
import { dateTime } from '@/shared/lib/format';
import { confirm } from '@/shared/ui/confirm';
import { useWords } from '../words';
import css from './Notices.module.css';
import type { useSaving } from './useSaving';

/** What stands in the way of saving or publishing, over the canvas until it is settled. */
export function Notices({
  saving,
  name,
  onReview,
}: {
  saving: ReturnType<typeof useSaving>;
  name: string;
  /** Opens where a second person is asked. */
  onReview: () => void;
}) {
  const t = useWords();
  const { conflict, refusal } = saving;
  if (conflict)
    return (
      <div className={css.notice} role="alert">
        <b>{t('conflict.title')}</b>
        <p>{t('conflict.text', { who: conflict.updatedBy, when: dateTime(conflict.updatedAt) })}</p>
        <div className={css.buttons}>
          <Button variant="default" size="compact-xs" onClick={saving.takeTheirs}>
            {t('conflict.theirs')}
          </Button>
          <Button
            variant="default"
            size="compact-xs"
            onClick={() =>
              void confirm({
                title: t('conflict.mineTitle', { name }),
                text: t('conflict.mineText', { who: conflict.updatedBy }),
                action: t('conflict.mineAction', { name }),
                destructive: true,
              }).then((yes) => yes && saving.keepMine())
            }
          >
            {t('conflict.mine')}
          </Button>
        </div>
      </div>
    );
  if (refusal)
    return (
      <div className={css.notice} role="alert">
        <b>{refusal.title || t('publish.refused')}</b>
        {refusal.detail && <p>{refusal.detail}</p>}
        {refusal.errors.length > 0 && (
          <ul>
            {refusal.errors.map((e) => (
              <li key={e.pointer + e.detail}>
                <span className="mono">{e.pointer}</span> {e.detail}
              </li>
            ))}
          </ul>
        )}
        <div className={css.buttons}>
          {(refusal.is('review-needed') || refusal.is('own-edit')) && (
            <Button size="compact-xs" onClick={onReview}>
              {t('versions.ask')}
            </Button>
          )}
          <Button variant="default" size="compact-xs" onClick={saving.dismissRefusal}>
            {t('publish.dismiss')}
          </Button>
        </div>
      </div>
    );
  return null;
}
