import type { ReactNode } from 'react';
import { usePageTitle } from '@/shared/lib/usePageTitle';
import { Attribution, Brand } from '@/shared/ui/Brand';
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
  usePageTitle(title);
  return (
    <div className={css.page}>
      <SchemeButton className={css.scheme} />
      <main className={css.card}>
        <div className={css.brand}>
          <Brand size={24} />
        </div>
        <h1>{title}</h1>
        {text && <p className={css.lead}>{text}</p>}
        {children}
      </main>
      {foot && <footer className={css.foot}>{foot}</footer>}
      <Attribution />
    </div>
  );
}
