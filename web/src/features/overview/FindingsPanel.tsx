import { SegmentedControl } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http } from '@/shared/client/http';
import type { OverviewRange, OverviewView, Severity } from '@/shared/client/types';
import type { cssVar } from '@/shared/lib/echarts';
import { clock } from '@/shared/lib/format';
import { SEVERITIES } from '@/shared/lib/severity';
import { type Tick, useTicks } from '@/shared/lib/ticks';
import { useLiveTopic } from '@/shared/lib/useLive';
import { ChartPanel } from '@/shared/ui/ChartPanel';
import { SeverityIcon } from '@/shared/ui/Severity';
import css from './Overview.module.css';
import { axisLabel, firstMode } from './view';

/** Never from the cache: seconds that went by while another page was shown would be missing. */
const recentQuery = queryOptions({
  queryKey: ['findings-recent'],
  queryFn: ({ signal }) => http.get('/overview/recent', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 0,
});

/** Findings by severity: as they come, second by second, or over the chosen range. */
export function FindingsPanel({ data, range }: { data: OverviewView; range: OverviewRange }) {
  const { t } = useTranslation();
  const [chosen, setMode] = useState<'live' | 'range' | null>(null);
  const ticks = useTicks((s) => s.window);
  const { data: known, refetch } = useQuery(recentQuery);
  useEffect(() => {
    if (known) useTicks.getState().seed(known.buckets, Date.now());
  }, [known]);
  useLiveTopic('overview', { onResync: () => void refetch() });
  // Chosen once: what comes in later must not turn the page that is being read.
  const opened = useRef<'live' | 'range' | null>(null);
  if (known) opened.current ??= firstMode(known.buckets, data);
  const mode = chosen ?? opened.current ?? firstMode(undefined, data);
  const live = mode === 'live';
  const bars: Tick[] = live ? ticks : data.findings.buckets.map((b) => ({ ...b, t: Date.parse(b.at) }));
  const label = (at: number) => (live ? clock(at) : axisLabel(at, range));
  const sum = (s: Severity) => bars.reduce((n, b) => n + b[s], 0);
  const legend = SEVERITIES.map((s) => [s, sum(s)] as const);
  return (
    <ChartPanel
      title={t(live ? 'overview.live.title' : 'overview.over.title')}
      hint={<span className={css.roomy}>{t(live ? 'overview.live.hint' : `overview.last.${range}`)}</span>}
      label={t(live ? 'overview.live.chart' : 'overview.over.chart')}
      height={210}
      option={useBars(bars, label, t)}
      actions={
        <>
          <div className={css.legend}>
            {legend.map(([s, n]) => (
              <span key={s}>
                <SeverityIcon value={s} size={9} />
                {t(`severity.${s}`)}
                <b className="num">{n}</b>
              </span>
            ))}
          </div>
          <SegmentedControl
            value={mode}
            onChange={(v) => setMode(v as 'live' | 'range')}
            data={[
              { value: 'live', label: t('overview.live.switch') },
              { value: 'range', label: t(`overview.range.${range}`) },
            ]}
            aria-label={t('overview.live.mode')}
          />
        </>
      }
      table={{
        head: [t('overview.time'), ...SEVERITIES.map((s) => t(`severity.${s}`))],
        rows: bars
          .filter((b) => SEVERITIES.some((s) => b[s] > 0))
          .reverse()
          .map((b) => [label(b.t), ...SEVERITIES.map((s) => b[s])]),
      }}
    />
  );
}

function useBars(bars: Tick[], label: (at: number) => string, t: (key: string) => string) {
  return useCallback(
    (v: typeof cssVar) => ({
      grid: { left: 34, right: 6, top: 8, bottom: 22 },
      tooltip: {
        trigger: 'axis',
        axisPointer: { type: 'shadow', shadowStyle: { color: v('--border'), opacity: 0.35 } },
      },
      xAxis: {
        type: 'category',
        data: bars.map((k) => label(k.t)),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: v('--border') } },
        axisLabel: {
          color: v('--text-3'),
          hideOverlap: true,
          interval: Math.max(0, Math.round(bars.length / 6) - 1),
        },
      },
      yAxis: {
        type: 'value',
        splitNumber: 3,
        minInterval: 1,
        // null takes back a former 3: options are merged into what is drawn.
        max: bars.every((b) => SEVERITIES.reduce((n, s) => n + b[s], 0) <= 3) ? 3 : null,
        splitLine: { lineStyle: { color: v('--border') } },
        axisLabel: { color: v('--text-3') },
      },
      series: [...SEVERITIES].reverse().map((s) => ({
        name: t(`severity.${s}`),
        type: 'bar',
        stack: 'all',
        barCategoryGap: '22%',
        itemStyle: { color: v(`--sev-${s}`), opacity: s === 'info' ? 0.45 : 1 },
        data: bars.map((k) => k[s]),
      })),
    }),
    [bars, label, t],
  );
}
