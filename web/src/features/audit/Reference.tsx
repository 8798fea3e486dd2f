import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/shared/client/session';
import css from './Audit.module.css';
import { isId, parts } from './words';

/** What an entry is about by its name of today; the id, which is what is recorded, stands in the tooltip. */
export function Reference({ target, names }: { target: string; names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation();
  const tenant = useSession().tenant;
  const { kind, id } = parts(target);
  const name = names.get(target) ?? (kind === 'tenant' && id === tenant?.id ? tenant.name : undefined);
  return (
    <Tooltip label={target} openDelay={300}>
      <span className={css.ref}>
        {kind && <span className={css.dim}>{t(`audit.kind.${kind}`, kind)}</span>}{' '}
        {name ?? <span className="mono">{isId(id) ? id.slice(0, 8) : id}</span>}
      </span>
    </Tooltip>
  );
}
