import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

export function SchemeButton({ className }: { className?: string | undefined }) {
  const { t } = useTranslation();
  const { toggleColorScheme } = useMantineColorScheme();
  const Icon = useComputedColorScheme('dark') === 'dark' ? IconSun : IconMoon;
  return (
    <ActionIcon
      {...(className ? { className } : {})}
      aria-label={t('shell.theme')}
      onClick={toggleColorScheme}
    >
      <Icon size={17} stroke={1.6} />
    </ActionIcon>
  );
}
