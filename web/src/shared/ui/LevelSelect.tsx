import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const LEVELS = ['0', '1', '2', '3'];

/** One of the levels that classifications and clearances share. */
export function LevelSelect({
  label,
  description,
  value,
  most = 3,
  onChange,
}: {
  label: string;
  description: string;
  value: string;
  /** The highest that can be chosen. */
  most?: number;
  onChange: (level: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Select
      label={label}
      description={description}
      data={LEVELS.filter((level) => Number(level) <= most || level === value).map((level) => ({
        value: level,
        label: t(`clearance.${level}`),
      }))}
      allowDeselect={false}
      value={value}
      onChange={(level) => level && onChange(level)}
    />
  );
}
