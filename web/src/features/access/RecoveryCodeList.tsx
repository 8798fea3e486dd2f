import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { saveText } from '@/shared/lib/copy';
import { CopyButton } from '@/shared/ui/CopyButton';
import css from './Access.module.css';

/** Codes that the server shows once, and the ways to keep them. */
export function RecoveryCodeList({ codes }: { codes: string[] }) {
  const { t } = useTranslation();
  const text = codes.join('\n');
  return (
    <>
      <ol className={css.codes} aria-label={t('access.recovery.title')}>
        {codes.map((c) => (
          <li key={c}>{c}</li>
        ))}
      </ol>
      <div className={css.row}>
        <CopyButton text={text} />
        <Button
          variant="default"
          leftSection={<IconDownload size={14} />}
          onClick={() => saveText('cybershield-recovery-codes.txt', `${text}\n`)}
        >
          {t('access.recovery.save')}
        </Button>
      </div>
    </>
  );
}
