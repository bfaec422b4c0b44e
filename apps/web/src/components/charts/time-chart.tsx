'use client';

import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { cn } from '../../lib/cn.ts';
import { formatClock, formatDateTime, formatNumber, MISSING } from '../../lib/format.ts';
import { LegendMark } from './legend-mark.tsx';
import { prepareTimeSeries, type SeriesPoint } from './prepare-time-series.ts';
import { timeTickFormat, timeTicks } from './time-axis.ts';

export interface ChartSeries<K extends string> {
  key: K;
  label: string;
  unit?: string;
  digits?: number;
  color: 1 | 2 | 3 | 4 | 5;
  /** Tells two lines apart without colour. */
  dash?: string;
  /** Belongs to the right-hand scale. */
  right?: boolean;
  /** Draw measured points as dots, for figures that come rarely. */
  dots?: boolean;
  step?: boolean;
}

interface TimeChartProps<K extends string> {
  /** What is drawn, in words; names the figure for screen readers. */
  label: string;
  series: readonly ChartSeries<K>[];
  points: readonly SeriesPoint<K>[];
  /** Range of the time axis; the data's own when absent. */
  from?: number;
  to?: number;
  maxGap?: number;
  /** Range of the left scale; from zero when absent. */
  domain?: [number | 'auto', number | 'auto'];
  /** Writes the figures of the left scale, e.g. as shares. */
  formatLeft?: (value: number) => string;
  /** Series that are measured at different moments: join each over the rows of the others. */
  connect?: boolean;
  className?: string;
  emptyText?: string;
}

export function TimeChart<K extends string>(props: TimeChartProps<K>) {
  const {
    label,
    series,
    points,
    maxGap = 15_000,
    domain,
    className,
    emptyText = 'Nothing measured in this time yet.',
  } = props;
  const { rows, latest } = prepareTimeSeries({ points, keys: series.map((s) => s.key), maxGap });
  const from = props.from ?? rows[0]?.time ?? 0;
  const to = props.to ?? rows[rows.length - 1]?.time ?? 1;
  const tick = timeTickFormat(to - from);
  const hasRight = series.some((s) => s.right);
  const axis = { tickLine: false, axisLine: false, tick: { fontSize: 11, fill: 'var(--muted-foreground)' } } as const;
  return (
    <figure aria-label={label} className="min-w-0">
      <figcaption className="flex flex-wrap gap-x-4 gap-y-1 text-[13px]">
        {series.map((s) => (
          <span key={s.key} className="inline-flex items-center gap-1.5">
            <LegendMark color={s.color} dash={s.dash} />
            <span className="text-muted-foreground">{s.label}</span>
            <span className="tabular font-medium">{withUnit(latest[s.key], s)}</span>
          </span>
        ))}
      </figcaption>
      <div className={cn('relative mt-2 h-52', className)}>
        {rows.length === 0 ? (
          <p className="grid h-full place-items-center rounded-md bg-muted/60 text-[13px] text-muted-foreground">
            {emptyText}
          </p>
        ) : (
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 480, height: 208 }}>
            <LineChart data={rows} margin={{ top: 6, right: hasRight ? 0 : 10, bottom: 0, left: 0 }} title={label}>
              <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
              <XAxis
                dataKey="time"
                type="number"
                scale="time"
                domain={[from, to]}
                ticks={timeTicks(from, to)}
                tickFormatter={tick}
                allowDataOverflow
                minTickGap={24}
                {...axis}
              />
              <YAxis
                yAxisId="left"
                width={props.formatLeft ? 56 : 44}
                domain={domain ?? [0, 'auto']}
                tickFormatter={props.formatLeft}
                {...axis}
              />
              {hasRight && <YAxis yAxisId="right" orientation="right" width={44} domain={[0, 'auto']} {...axis} />}
              <Tooltip
                isAnimationActive={false}
                cursor={{ stroke: 'var(--input)' }}
                content={({ active, payload, label: time }) =>
                  active && payload?.length ? (
                    <ChartTooltip
                      time={Number(time)}
                      lines={series.map((s) => ({ series: s, value: numberAt(payload[0].payload, s.key) }))}
                    />
                  ) : null
                }
              />
              {series.map((s) => (
                <Line
                  key={s.key}
                  yAxisId={s.right ? 'right' : 'left'}
                  dataKey={s.key}
                  name={s.label}
                  type={s.step ? 'stepAfter' : 'linear'}
                  stroke={`var(--chart-${s.color})`}
                  strokeWidth={1.75}
                  strokeDasharray={s.dash}
                  dot={s.dots ? { r: 3, strokeWidth: 0, fill: `var(--chart-${s.color})` } : false}
                  connectNulls={props.connect || s.dots || false}
                  isAnimationActive={false}
                />
              ))}
            </LineChart>
          </ResponsiveContainer>
        )}
      </div>
    </figure>
  );
}

const withUnit = (value: number | null, s: { unit?: string; digits?: number }) =>
  value === null ? MISSING : `${formatNumber(value, s.digits ?? 1)}${s.unit ? ` ${s.unit}` : ''}`;

function numberAt(row: unknown, key: string): number | null {
  const value = row !== null && typeof row === 'object' ? (row as Record<string, unknown>)[key] : null;
  return typeof value === 'number' ? value : null;
}

interface TooltipLine {
  series: { key: string; label: string; color: number; unit?: string; digits?: number };
  value: number | null;
}

function ChartTooltip({ time, lines }: { time: number; lines: TooltipLine[] }) {
  return (
    <div className="rounded-md border border-border bg-popover px-2.5 py-2 text-xs text-popover-foreground shadow-md">
      <p className="mb-1 text-muted-foreground" title={formatDateTime(time)}>
        {formatClock(time)}
      </p>
      {lines.map(({ series, value }) => (
        <p key={series.key} className="flex items-center justify-between gap-4">
          <span className="inline-flex items-center gap-1.5">
            <span className="size-2 rounded-full" style={{ background: `var(--chart-${series.color})` }} aria-hidden />
            {series.label}
          </span>
          <span className="tabular font-medium">{withUnit(value, series)}</span>
        </p>
      ))}
    </div>
  );
}
