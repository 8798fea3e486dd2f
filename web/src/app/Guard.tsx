import { Button } from '@mantine/core';
import { IconUserQuestion } from '@tabler/icons-react';
import { Outlet, useLocation, useMatches } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { queryClient } from '@/shared/client/query';
import { sessionQuery, useSession } from '@/shared/client/session';
import { AskWhom } from '@/shared/ui/AskWhom';
import { Denied } from '@/shared/ui/Denied';
import { EmptyState } from '@/shared/ui/EmptyState';

/** Shows the page when the session holds what its route asks for, and says what is missing when not. */
export function Guard() {
  const { permissions, user } = useSession();
  const { pathname } = useLocation();
  const needed = useMatches({ select: (matches) => matches.map((m) => m.staticData.permission) });
  if (user?.role === 'none' && pathname !== '/account') return <NoRole />;
  const missing = needed.find((p) => p !== undefined && !permissions.includes(p));
  return missing ? <Denied permission={missing} /> : <Outlet />;
}

/** Whom a directory or a provider let in has an account, and nothing to see. */
function NoRole() {
  const { t } = useTranslation();
  const { tenant } = useSession();
  return (
    <EmptyState
      icon={<IconUserQuestion size={22} stroke={1.5} />}
      title={t('ui.noRole')}
      text={
        <>
          {t('ui.noRoleText', { company: tenant?.name })} <AskWhom roles={['tenant-admin']} />
        </>
      }
      action={
        <Button variant="default" onClick={() => void queryClient.invalidateQueries(sessionQuery)}>
          {t('ui.lookAgain')}
        </Button>
      }
    />
  );
}
