import { ActionIcon, Button, Menu, SegmentedControl, Tooltip } from '@mantine/core';
import {
  IconAdjustments,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDeviceFloppy,
  IconFileExport,
  IconFlask,
  IconLayoutDistributeHorizontal,
  IconPencil,
  IconPlayerPlay,
  IconPlus,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useCan } from '@/shared/client/session';
import type { WorkflowDetail } from '@/shared/client/types';
import { exportLink } from '../api';
import { useWords } from '../words';
import css from './Builder.module.css';
import { RenameDialog } from './RenameDialog';

export const TABS = ['design', 'triggers', 'tests', 'versions', 'runs', 'insights'] as const;
export type Tab = (typeof TABS)[number];

export function BuilderBar({
  workflow,
  name,
  description,
  tab,
  onTab,
  readOnly,
  dirty,
  saving,
  publishing,
  canUndo,
  canRedo,
  onLibrary,
  onRename,
  onSettings,
  onUndo,
  onRedo,
  onTidy,
  onSave,
  onRun,
  onTry,
  onPublish,
}: {
  workflow: WorkflowDetail;
  name: string;
  description: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  readOnly: boolean;
  dirty: boolean;
  saving: boolean;
  publishing: boolean;
  canUndo: boolean;
  canRedo: boolean;
  /** Shows the library where there is no room for it beside the canvas. */
  onLibrary: () => void;
  onRename: (name: string, description: string) => void;
  onSettings: () => void;
  onUndo: () => void;
  onRedo: () => void;
  onTidy: () => void;
  onSave: () => void;
  onRun: () => void;
  /** Opens or closes the trial with simulated effects. */
  onTry: () => void;
  onPublish: () => void;
}) {
  const t = useWords();
  const mayPublish = useCan('workflow:publish');
  const mayRun = useCan('workflow:run');
  const [renaming, setRenaming] = useState(false);
  const version =
    workflow.version === null
      ? t('builder.neverPublished')
      : dirty || workflow.draftChanged
        ? t('builder.versionChanged', { version: workflow.version })
        : t('builder.version', { version: workflow.version });
  const tool = (label: string, icon: React.ReactNode, onClick: () => void, disabled: boolean) => (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick} disabled={disabled}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <header className={css.bar}>
      <div className={css.crumbs}>
        <Link to="/workflows">{t('list.title')}</Link>
        <i>/</i>
        <h1>{name || t('builder.unnamed')}</h1>
        {!readOnly &&
          tool(t('builder.rename'), <IconPencil size={15} stroke={1.7} />, () => setRenaming(true), false)}
        <span className={css.ver}>{version}</span>
      </div>
      <SegmentedControl
        value={tab}
        onChange={onTab}
        data={TABS.map((value) => ({ value, label: t(`builder.${value}`) }))}
        aria-label={t('builder.view')}
      />
      <div className={css.tools}>
        {readOnly ? (
          <span className={css.saved}>{t('builder.readOnly')}</span>
        ) : (
          <>
            <span className={css.saved} role="status">
              {saving ? t('builder.saving') : dirty ? t('builder.unsaved') : t('builder.saved')}
            </span>
            {tab === 'design' && (
              <>
                <span className={css.narrow}>
                  {tool(t('builder.library'), <IconPlus size={17} stroke={1.7} />, onLibrary, false)}
                </span>
                {tool(t('builder.undo'), <IconArrowBackUp size={17} stroke={1.7} />, onUndo, !canUndo)}
                {tool(t('builder.redo'), <IconArrowForwardUp size={17} stroke={1.7} />, onRedo, !canRedo)}
                {tool(
                  t('builder.tidy'),
                  <IconLayoutDistributeHorizontal size={17} stroke={1.7} />,
                  onTidy,
                  false,
                )}
                {tool(t('runSettings.title'), <IconAdjustments size={17} stroke={1.7} />, onSettings, false)}
              </>
            )}
            <Button
              variant="default"
              leftSection={<IconDeviceFloppy size={14} />}
              onClick={onSave}
              disabled={!dirty}
              loading={saving && !publishing}
            >
              {t('builder.save')}
            </Button>
          </>
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label={t('builder.exportMenu')}>
              <IconFileExport size={17} stroke={1.7} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={exportLink(workflow.id, 'yaml')} download>
              {t('builder.export')}
            </Menu.Item>
            <Menu.Item component="a" href={exportLink(workflow.id, 'json')} download>
              {t('builder.exportJson')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        {tool(t('builder.try'), <IconFlask size={17} stroke={1.7} />, onTry, false)}
        {mayRun && (
          <Button variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={onRun}>
            {t('builder.run')}
          </Button>
        )}
        {mayPublish && !readOnly && (
          <Button
            onClick={onPublish}
            loading={publishing}
            disabled={!dirty && workflow.state === 'published' && !workflow.draftChanged}
          >
            {t('builder.publish')}
          </Button>
        )}
      </div>
      {renaming && (
        <RenameDialog
          name={name}
          description={description}
          onRename={onRename}
          onClose={() => setRenaming(false)}
        />
      )}
    </header>
  );
}
