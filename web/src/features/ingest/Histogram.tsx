import { ActionIcon, Tooltip } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EventHistogram } from '@/shared/client/types';
import type { cssVar } from '@/shared/lib/echarts';
import { dateTime, duration, number, tick } from '@/shared/lib/format';
import { EChart } from '@/shared/ui/EChart';
import css from './Events.module.css';
import { useWords } from './words';

/** Events over time, as bars or as a table of the same figures. */
export default function Histogram({ data }: { data: EventHistogram }) {
  const t = useWords();
  const shared = useTranslation().t;
  const [table, setTable] = useState(false);
  const total = data.buckets.reduce((a, b) => a + b.count, 0);
  const over = data.seconds * 1000 * data.buckets.length;
  const width = duration(data.seconds * 1000).replace(/ 0 [smh]$/, '');
  const option = useCallback(
    (v: typeof cssVar) => ({
      grid: { left: 44, right: 12, top: 10, bottom: 22 },
      xAxis: {
        type: 'category',
        data: data.buckets.map((b) => tick(b.at, data.seconds, over)),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: v('--border') } },
        axisLabel: { hideOverlap: true, color: v('--text-3') },
      },
      yAxis: {
        type: 'value',
        splitNumber: 2,
        minInterval: 1,
        axisLabel: { color: v('--text-3') },
        splitLine: { lineStyle: { color: v('--border') } },
      },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
      series: [
        {
          type: 'bar',
          name: t('title'),
          data: data.buckets.map((b) => b.count),
          itemStyle: { color: v('--accent') },
          barCategoryGap: '12%',
          barMaxWidth: 24,
        },
      ],
    }),
    [data, over, t],
  );
  const label = table ? shared('ui.asChart') : shared('ui.asTable');
  return (
    <div>
      <div className={css.chartHead}>
        <span className="num">{t('perBucket', { total: number(total), width })}</span>
        <Tooltip label={label}>
          <ActionIcon size={24} aria-label={label} onClick={() => setTable(!table)}>
            {table ? <IconChartBar size={15} /> : <IconTable size={15} />}
          </ActionIcon>
        </Tooltip>
      </div>
      {table ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
        <div className={css.figures} tabIndex={0} role="region" aria-label={t('overTime')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('from')}</th>
                <th scope="col">{t('title')}</th>
              </tr>
            </thead>
            <tbody className="num">
              {data.buckets.map((b) => (
                <tr key={b.at}>
                  <td>{dateTime(b.at)}</td>
                  <td>{number(b.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <EChart height={96} label={t('chartLabel', { total: number(total), width })} option={option} />
      )}
    </div>
  );
}
