import { useTranslation } from 'react-i18next';
import { useSession } from '@/shared/client/session';
import type { ApprovalView } from '@/shared/client/types';
import { AskWhom } from './AskWhom';
import css from './Dialog.module.css';

/** Whose decision it is, where it is not the reader's. */
export function DecidedByOthers({
  approval,
  compact,
  why,
}: {
  approval: ApprovalView;
  compact: boolean;
  why?: string | undefined;
}) {
  const { t } = useTranslation();
  const own = useSession().user?.role;
  const role = t(`role.${approval.role}`, approval.role);
  if (compact)
    return (
      <span className={css.other} title={why}>
        {why ? t('ui.decide.others') : t('ui.decide.other', { role })}
      </span>
    );
  if (why)
    return (
      <p className={css.whose}>
        <b>{t('ui.decide.notYours')}.</b> {why}
      </p>
    );
  return (
    <p className={css.whose}>
      <b>{t('ui.decide.notYours')}.</b>{' '}
      {approval.role === 'tenant-admin'
        ? t('ui.decide.onlyAdmin', { own: own && t(`role.${own}`, own) })
        : t('ui.decide.onlyRole', { role, own: own && t(`role.${own}`, own) })}{' '}
      <AskWhom roles={[approval.role, 'tenant-admin']} />
    </p>
  );
}
