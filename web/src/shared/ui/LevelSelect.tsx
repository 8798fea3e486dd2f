import { Select } from '@mantine/core';

const LEVELS = ['0', '1', '2', '3'];

/** One of the levels that classifications and clearances share. */
export function LevelSelect({
  label,
  description,
  value,
  word,
  onChange,
}: {
  label: string;
  description: string;
  value: string;
  /** What a level is called. */
  word: (level: string) => string;
  onChange: (level: string) => void;
}) {
  return (
    <Select
      label={label}
      description={description}
      data={LEVELS.map((level) => ({
        value: level,
        label: word(level),
      }))}
      allowDeselect={false}
      value={value}
      onChange={(level) => level && onChange(level)}
    />
  );
}
