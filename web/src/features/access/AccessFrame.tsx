import { IconShieldCheckFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '@/shared/lib/usePageTitle';
import { SchemeButton } from '@/shared/ui/SchemeButton';
import css from './Access.module.css';

/** The page before sign-in: one card, one question. */
export function AccessFrame({
  title,
  text,
  children,
  foot,
}: {
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  foot?: ReactNode;
}) {
  const { t } = useTranslation();
  usePageTitle(title);
  return (
    <div className={css.page}>
      <SchemeButton className={css.scheme} />
      <main className={css.card}>
        <div className={css.brand}>
          <IconShieldCheckFilled size={24} />
          <span>{t('shell.product')}</span>
        </div>
        <h1>{title}</h1>
        {text && <p className={css.lead}>{text}</p>}
        {children}
      </main>
      {foot && <footer className={css.foot}>{foot}</footer>}
    </div>
  );
}
