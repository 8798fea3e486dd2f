import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { OverviewRange, OverviewView } from '@/shared/client/types';
import type { cssVar } from '@/shared/lib/echarts';
import { ChartPanel } from '@/shared/ui/ChartPanel';
import css from './Overview.module.css';
import { axisLabel, heatRows, sliceStarts, tacticName } from './view';

/** Findings by ATT&CK tactic over the range: one row a tactic, one cell a slice of time. */
export function TacticPanel({ data, range }: { data: OverviewView; range: OverviewRange }) {
  const { t } = useTranslation();
  const rows = useMemo(() => heatRows(data.tactics), [data.tactics]);
  const starts = useMemo(
    () => sliceStarts(range, rows[0]?.buckets.length ?? 0, Date.now()).map((at) => axisLabel(at, range)),
    [rows, range],
  );
  const none = rows.every((r) => r.buckets.every((n) => n === 0));
  const option = useCallback(
    (v: typeof cssVar) => ({
      grid: { left: 116, right: 4, top: 4, bottom: 22 },
      tooltip: { position: 'top' },
      xAxis: {
        type: 'category',
        data: starts.map((label, i) => ({ value: `${label} ${i}` })),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: {
          interval: Math.max(0, Math.round(starts.length / 4) - 1),
          color: v('--text-3'),
          formatter: (value: string) => value.replace(/ \d+$/, ''),
        },
      },
      yAxis: {
        type: 'category',
        data: rows.map((r) => tacticName(r.tactic)),
        inverse: true,
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { color: v('--text-2'), fontSize: 11.5 },
      },
      visualMap: {
        show: false,
        min: 0,
        max: Math.max(1, ...rows.flatMap((r) => r.buckets)),
        inRange: { color: [v('--surface-3'), v('--heat-1'), v('--accent-solid'), v('--heat-3')] },
      },
      series: [
        {
          type: 'heatmap',
          name: t('overview.findings'),
          data: rows.flatMap((r, y) => r.buckets.map((n, x) => [x, y, n])),
          itemStyle: { borderColor: v('--surface'), borderWidth: 2, borderRadius: 3 },
        },
      ],
    }),
    [rows, starts, t],
  );
  return (
    <ChartPanel
      title={t('overview.tactics.title')}
      hint={t(`overview.last.${range}`)}
      label={t('overview.tactics.chart')}
      height={210}
      option={option}
      empty={none ? <p className={css.blank}>{t('overview.tactics.none')}</p> : undefined}
      table={{
        head: [t('overview.tactics.tactic'), t('overview.findings')],
        rows: rows.map((r) => [tacticName(r.tactic), r.buckets.reduce((a, b) => a + b, 0)]),
      }}
    />
  );
}
