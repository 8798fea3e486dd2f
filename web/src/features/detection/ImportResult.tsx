import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { number } from '@/shared/lib/format';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import css from './Detection.module.css';
import type { useImport } from './useImport';
import { useWords } from './words';

/** How an import goes, and which files were refused: where, why, and how to mend it. */
export function ImportResult({ imports }: { imports: ReturnType<typeof useImport> }) {
  const t = useWords();
  const { progress, result, problem, fileName } = imports;
  if (progress)
    return (
      <section className={css.import} aria-label={t('import')}>
        <header>
          <p role="status">
            {t(progress.sent < progress.total ? 'sending' : 'compiling', { file: progress.name })}
          </p>
          <progress
            aria-label={t('sending', { file: progress.name })}
            {...(progress.sent < progress.total ? { value: progress.sent, max: progress.total } : {})}
          />
        </header>
      </section>
    );
  if (problem)
    return (
      <section className={css.import} aria-label={t('import')}>
        <header>
          <p>{t('importFailed', { file: fileName })}</p>
          <Close onClick={imports.dismiss} />
        </header>
        <ProblemNotice problem={problem} />
      </section>
    );
  if (!result) return null;
  return (
    <section className={css.import} aria-label={t('import')}>
      <header>
        <p role="status">
          {t('imported', {
            file: result.fileName,
            files: number(result.files),
            loaded: number(result.loaded),
            unchanged: number(result.unchanged),
            refused: number(result.refused),
          })}
        </p>
        <Close onClick={imports.dismiss} />
      </header>
      {result.refusals.length > 0 && (
        <table className={css.why}>
          <thead>
            <tr>
              <th scope="col">{t('file')}</th>
              <th scope="col">{t('line')}</th>
              <th scope="col">{t('problem')}</th>
              <th scope="col">{t('mend')}</th>
            </tr>
          </thead>
          <tbody>
            {result.refusals.map((r) => (
              <tr key={`${r.file} ${r.line} ${r.problem}`}>
                <td className="mono">{r.file}</td>
                <td className="num">{r.line ?? '–'}</td>
                <td>{r.problem}</td>
                <td>{r.mend}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Close({ onClick }: { onClick: () => void }) {
  const t = useWords();
  return (
    <ActionIcon aria-label={t('closeImport')} onClick={onClick}>
      <IconX size={16} />
    </ActionIcon>
  );
}
