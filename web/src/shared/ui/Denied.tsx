import { IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/shared/client/http';
import type { Permission } from '@/shared/client/types';
import { EmptyState } from './EmptyState';
import css from './ProblemNotice.module.css';

const list = new Intl.ListFormat('en', { type: 'disjunction' });

/** Says which permission is missing and who can grant it. */
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
  const grantedBy = problem?.grantedBy.map((role) => t(`role.${role}`, role)) ?? [];
  let text = t('ui.deniedPlain');
  if (missing)
    text = grantedBy.length
      ? t('ui.deniedText', { permission: missing, grantedBy: list.format(grantedBy) })
      : t('ui.deniedTextOnly', { permission: missing });
  if (page)
    return <EmptyState icon={<IconLock size={22} stroke={1.5} />} title={t('ui.denied')} text={text} />;
  return (
    <div role="alert" className={css.line}>
      <IconLock size={15} className={css.icon} />
      <span>
        <b>{t('ui.deniedAction')}.</b> {text}
      </span>
    </div>
  );
}
