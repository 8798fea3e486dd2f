import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLook } from '@/shared/client/look';
import css from './Shell.module.css';

/** The navigation on narrow screens. */
export function NavDrawer({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened
      onClose={onClose}
      size={248}
      title={useLook().name ?? t('shell.product')}
      classNames={{ body: css.drawer }}
    >
      {children}
    </Drawer>
  );
}
