import { Modal } from '@mantine/core';
import '@mantine/spotlight/styles.css';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useRegistered } from '@/shared/lib/commands';
import { keyCaps } from '@/shared/lib/keys';
import type { Nav } from './nav';
import css from './Shell.module.css';

export const openPalette = spotlight.open;

function Caps({ keys }: { keys: string }) {
  return (
    <span className={css.keys}>
      {keyCaps(keys).map((k) => (
        <kbd className="key" key={k}>
          {k}
        </kbd>
      ))}
    </span>
  );
}

export function Palette({ nav }: { nav: Nav }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const registered = useRegistered((s) => s.registered);
  const groups = [
    {
      group: t('shell.go'),
      actions: nav
        .flatMap((g) => g.items)
        .map((i) => ({
          id: `go-${i.key}`,
          label: t(`nav.${i.key}`),
          leftSection: <i.icon size={18} stroke={1.6} />,
          rightSection: i.letter ? <Caps keys={`G ${i.letter}`} /> : undefined,
          onClick: () => void navigate({ to: i.to }),
        })),
    },
    {
      group: t('shell.do'),
      actions: [...registered]
        .reverse()
        .flatMap((r) => r.commands)
        .filter((c) => c.id !== 'palette')
        .map((c) => ({
          id: c.id,
          label: c.label,
          leftSection: c.icon,
          rightSection: c.keys ? <Caps keys={c.keys} /> : undefined,
          onClick: c.run,
        })),
    },
  ];
  return (
    <Spotlight
      actions={groups}
      nothingFound={t('shell.nothingMatches')}
      highlightQuery
      shortcut={null}
      overlayProps={{ blur: 0, backgroundOpacity: 0.5 }}
      classNames={{ content: css.palette, actionsGroup: css.paletteGroup, action: css.paletteAction }}
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: t('shell.search'),
        'aria-label': t('shell.search'),
      }}
    />
  );
}

export function KeySheet({ opened, onClose, nav }: { opened: boolean; onClose: () => void; nav: Nav }) {
  const { t } = useTranslation();
  const registered = useRegistered((s) => s.registered);
  const own = ['palette', 'theme', 'keys'];
  const here = registered.flatMap((r) => r.commands).filter((c) => c.keys && !own.includes(c.id));
  const groups: { title: string; keys: [string, string][] }[] = [
    {
      title: t('ui.keysAnywhere'),
      keys: [
        ['mod+K', t('ui.keyPalette')],
        ...nav
          .flatMap((g) => g.items)
          .flatMap((i): [string, string][] =>
            i.letter ? [[`G ${i.letter}`, t('shell.goTo', { page: t(`nav.${i.key}`) })]] : [],
          ),
        ['shift+D', t('ui.keyScheme')],
        ['?', t('ui.keyList')],
      ],
    },
    {
      title: t('ui.keysTable'),
      keys: [
        ['J K', t('ui.keyRows')],
        ['Enter', t('ui.keyOpen')],
      ],
    },
    ...(here.length
      ? [{ title: t('ui.keysHere'), keys: here.map((c): [string, string] => [c.keys ?? '', c.label]) }]
      : []),
  ];
  return (
    <Modal opened={opened} onClose={onClose} title={t('ui.keyboard')} size="sm">
      {groups.map((g) => (
        <section key={g.title} className={css.shortcutGroup}>
          <h3>{g.title}</h3>
          <dl className={css.shortcuts}>
            {g.keys.map(([k, d]) => (
              <div key={k + d}>
                <dt>{d}</dt>
                <dd>
                  <Caps keys={k} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}
