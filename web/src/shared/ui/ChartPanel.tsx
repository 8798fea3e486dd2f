import { ActionIcon, Tooltip } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import type { EChartsCoreOption } from 'echarts/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { cssVar } from '@/shared/lib/echarts';
import css from './ChartPanel.module.css';
import { EChart } from './EChart';
import { Panel } from './Panel';

/** A chart in its panel, with the same figures as a table for whoever cannot or will not read the picture. */
export function ChartPanel({
  title,
  hint,
  label,
  height,
  option,
  actions,
  table,
  empty,
}: {
  title: string;
  hint?: ReactNode;
  label: string;
  height: number;
  option: (v: typeof cssVar) => EChartsCoreOption;
  actions?: ReactNode;
  table: { head: string[]; rows: (string | number)[][] };
  /** Shown in place of the chart when it would be blank. */
  empty?: ReactNode;
}) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const words = t(asTable ? 'ui.asChart' : 'ui.asTable');
  return (
    <Panel
      title={title}
      hint={hint}
      actions={
        <>
          {actions}
          {!empty && (
            <Tooltip label={words}>
              <ActionIcon
                size={24}
                aria-label={`${words}: ${title}`}
                aria-pressed={asTable}
                onClick={() => setAsTable(!asTable)}
              >
                {asTable ? <IconChartBar size={15} stroke={1.6} /> : <IconTable size={15} stroke={1.6} />}
              </ActionIcon>
            </Tooltip>
          )}
        </>
      }
    >
      {empty}
      {!empty && !asTable && <EChart label={label} height={height} option={option} />}
      {!empty && asTable && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
        <div className={css.scroll} style={{ height }} tabIndex={0} role="region" aria-label={label}>
          <table className={css.table}>
            <thead>
              <tr>
                {table.head.map((h) => (
                  <th key={h} scope="col">
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row) => (
                <tr key={String(row[0])}>
                  {row.map((cell, i) =>
                    i === 0 ? (
                      <th key={table.head[i]} scope="row">
                        {cell}
                      </th>
                    ) : (
                      <td key={table.head[i]}>{cell}</td>
                    ),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
