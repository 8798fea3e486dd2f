import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/shared/client/http';
import { grantsQuery } from '@/shared/client/people';
import { sessionQuery } from '@/shared/client/session';
import type { Permission } from '@/shared/client/types';
import { AskWhom } from './AskWhom';
import { EmptyState } from './EmptyState';
import css from './ProblemNotice.module.css';

const list = new Intl.ListFormat('en', { type: 'disjunction' });

/** Says which permission is missing, which roles bring it, and who can give one. */
export function Denied({
  permission,
  problem,
  page = true,
}: {
  permission?: Permission;
  problem?: Problem;
  page?: boolean | undefined;
}) {
  const { t } = useTranslation();
  const missing = permission ?? problem?.permission;
  const told = problem?.grantedBy ?? [];
  const asked = useQuery({
    ...grantsQuery(missing ?? ''),
    enabled: missing !== undefined && told.length === 0,
  });
  const own = useQuery({ ...sessionQuery, enabled: false }).data?.user?.role;
  const roles = told.length > 0 ? told : (asked.data?.grantedBy ?? []);
  const names = roles.map((role) => t(`role.${role}`, role));
  const text = (
    <>
      {!missing && t('ui.deniedPlain')}
      {missing && names.length === 0 && t('ui.deniedTextOnly', { permission: missing })}
      {missing && names.length > 0 && (
        <>
          {t('ui.deniedRoles', { permission: missing, count: names.length, roles: list.format(names) })}{' '}
          {own && t('ui.deniedOwn', { own: t(`role.${own}`, own) })} {t('ui.deniedAdmin')}
        </>
      )}{' '}
      <AskWhom roles={['tenant-admin']} />
    </>
  );
  if (page)
    return (
      <div className={css.denied}>
        <EmptyState icon={<IconLock size={22} stroke={1.5} />} title={t('ui.denied')} text={text} />
      </div>
    );
  return (
    <div role="alert" className={css.line}>
      <IconLock size={15} className={css.icon} />
      <span className={css.denied}>
        <b>{t('ui.deniedAction')}.</b> {text}
      </span>
    </div>
  );
}
