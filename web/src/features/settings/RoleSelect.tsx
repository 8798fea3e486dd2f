import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from './api';

export function RoleSelect({
  value,
  onChange,
  none = value === 'none',
}: {
  value: string;
  onChange: (role: string) => void;
  /** Whether no role can be chosen; whom a directory lets in has none at first. */
  none?: boolean;
}) {
  const { t } = useTranslation();
  const { data } = useQuery(rolesQuery);
  const roles = data?.items ?? [{ name: value, builtIn: true, permissions: [] }];
  const chosen = roles.find((role) => role.name === value);
  return (
    <Select
      label={t('settings.users.role')}
      description={
        chosen && !chosen.builtIn
          ? t('settings.users.roleOwn', { permissions: chosen.permissions.join(', ') })
          : t(`settings.users.roleHint.${value}`)
      }
      data={[...(none ? [{ name: 'none' }] : []), ...roles.filter((role) => role.name !== 'none')].map(
        (role) => ({ value: role.name, label: t(`role.${role.name}`, role.name) }),
      )}
      allowDeselect={false}
      value={value}
      onChange={(role) => role && onChange(role)}
    />
  );
}
