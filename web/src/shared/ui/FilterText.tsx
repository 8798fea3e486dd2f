import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';

const PAUSE_MS = 300;

/** A filter that is typed; told of when typing pauses. */
export function FilterText({
  label,
  value,
  onChange,
  className,
  icon = true,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  className: string | undefined;
  icon?: boolean;
}) {
  const [text, setText] = useState(value);
  const send = useDebouncedCallback(onChange, PAUSE_MS);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={text}
      className={className}
      leftSection={icon ? <IconSearch size={14} /> : undefined}
      onChange={(e) => {
        setText(e.currentTarget.value);
        send(e.currentTarget.value.trim());
      }}
    />
  );
}
