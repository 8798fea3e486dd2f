import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Role } from '@/shared/client/types';

const ROLES: Role[] = ['tenant-admin', 'analyst', 'responder', 'workflow-author', 'auditor'];

export function RoleSelect({ value, onChange }: { value: string; onChange: (role: string) => void }) {
  const { t } = useTranslation();
  return (
    <Select
      label={t('settings.users.role')}
      description={t(`settings.users.roleHint.${value}`)}
      data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
      allowDeselect={false}
      value={value}
      onChange={(role) => role && onChange(role)}
    />
  );
}
