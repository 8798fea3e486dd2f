import { Button } from '@mantine/core';
import { IconCompassOff } from '@tabler/icons-react';
import { Link, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { queryClient } from '@/shared/client/query';
import { EmptyState } from '@/shared/ui/EmptyState';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';

/** A page that could not be shown; the rest of the frame stays. */
export function RouteProblem({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  return (
    <ProblemNotice
      page
      problem={error}
      onRetry={() => {
        queryClient.removeQueries({ predicate: (q) => q.state.status === 'error' });
        reset();
        void router.invalidate();
      }}
    />
  );
}

export function MissingPage() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={<IconCompassOff size={22} stroke={1.5} />}
      title={t('ui.notFound')}
      text={t('ui.notFoundText')}
      action={
        <Button component={Link} to="/" variant="default">
          {t('ui.backToOverview')}
        </Button>
      }
    />
  );
}
