import { IconShieldCheckFilled } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useLook } from '@/shared/client/look';
import css from './Brand.module.css';

/** The sign over the product: a company's or ours. */
export function Brand({ size }: { size: number }) {
  const { t } = useTranslation();
  const { name, logo } = useLook();
  return (
    <>
      {logo ? (
        <img className={css.logo} src={logo} alt="" height={size} />
      ) : (
        <IconShieldCheckFilled size={size} />
      )}
      <span className={css.name}>{name ?? t('shell.product')}</span>
    </>
  );
}

/** Whose product it is in truth, wherever another label stands over it. */
export function Attribution() {
  const { t } = useTranslation();
  return useLook().name ? <small className={css.attribution}>{t('shell.attribution')}</small> : null;
}
