import { Button } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/shared/client/session';
import { number } from '@/shared/lib/format';
import { EmptyState } from '@/shared/ui/EmptyState';
import css from './Overview.module.css';

/** What to do first in a workspace that has seen nothing yet. */
export function FirstSteps({ rules }: { rules: number }) {
  const { t } = useTranslation();
  const sources = useCan('source:manage');
  const upload = useCan('event:ingest');
  return (
    <div className={css.first}>
      <EmptyState
        icon={<IconPlugConnected size={22} stroke={1.5} />}
        title={t('overview.first.title')}
        text={t('overview.first.text', { count: rules, number: number(rules) })}
        action={
          <div className={css.firstButtons}>
            {upload && (
              <Button component={Link} to="/events">
                {t('overview.first.upload')}
              </Button>
            )}
            {sources && (
              <Button component={Link} to="/settings/sources" variant="default">
                {t('overview.first.source')}
              </Button>
            )}
          </div>
        }
      />
    </div>
  );
}
