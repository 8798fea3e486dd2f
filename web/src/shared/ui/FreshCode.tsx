import { TextInput, type TextInputProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The code that the second factor shows now, for what takes more than being signed in. */
export function FreshCode(props: TextInputProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t('ui.freshCode')}
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={7}
      required
      {...props}
    />
  );
}
