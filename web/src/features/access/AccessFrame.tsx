import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconShieldCheckFilled, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '@/shared/lib/usePageTitle';
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
  const { colorScheme, toggleColorScheme } = useMantineColorScheme();
  return (
    <div className={css.page}>
      <ActionIcon className={css.scheme} aria-label={t('shell.theme')} onClick={toggleColorScheme}>
        {colorScheme === 'dark' ? <IconSun size={17} stroke={1.6} /> : <IconMoon size={17} stroke={1.6} />}
      </ActionIcon>
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
