'use client';

import { Area, AreaChart, CartesianGrid, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { LegendMark } from '../../components/charts/legend-mark.tsx';
import { formatNumber } from '../../lib/format.ts';
import type { DistanceBin } from './prepare-distances.ts';

const outlines = [
  { key: 'nearest', label: 'Nearest enrolled person', color: 1, dash: undefined },
  { key: 'second', label: 'Second person, so somebody else', color: 4, dash: '5 3' },
] as const;

interface DistanceChartProps {
  bins: DistanceBin[];
  to: number;
  /** The distance that decides now. */
  threshold: number;
  /** Another one that is looked at. */
  tried: number | null;
}

/** How many tracks had their nearest and their second person at which distance. */
export function DistanceChart({ bins, to, threshold, tried }: DistanceChartProps) {
  const axis = { tickLine: false, axisLine: false, tick: { fontSize: 11, fill: 'var(--muted-foreground)' } } as const;
  const mark = (value: string) => ({ value, position: 'top', fontSize: 11, fill: 'var(--foreground)' }) as const;
  // Two words would lie over each other.
  const beside = tried !== null && Math.abs(tried - threshold) < 0.05 * to;
  return (
    <figure aria-label="Tracks by distance" className="min-w-0">
      <figcaption className="flex flex-wrap gap-x-4 gap-y-1 text-[13px] text-muted-foreground">
        {outlines.map(({ key, label, color, dash }) => (
          <span key={key} className="inline-flex items-center gap-1.5">
            <LegendMark color={color} dash={dash} />
            {label}
          </span>
        ))}
      </figcaption>
      <div className="mt-2 h-52">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 480, height: 208 }}>
          <AreaChart
            data={bins}
            accessibilityLayer={false}
            margin={{ top: 18, right: 10, bottom: 0, left: 0 }}
            title="Tracks by distance"
          >
            <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
            <XAxis
              dataKey="from"
              type="number"
              domain={[0, to]}
              tickFormatter={(distance: number) => formatNumber(distance, 2)}
              minTickGap={24}
              {...axis}
            />
            <YAxis width={36} allowDecimals={false} {...axis} />
            {outlines.map(({ key, label, color, dash }) => (
              <Area
                key={key}
                dataKey={key}
                name={label}
                type="stepAfter"
                stroke={`var(--chart-${color})`}
                strokeWidth={1.75}
                strokeDasharray={dash}
                fill={`var(--chart-${color})`}
                fillOpacity={0.14}
                isAnimationActive={false}
              />
            ))}
            <ReferenceLine x={threshold} stroke="var(--foreground)" strokeWidth={1.5} label={mark('now')} />
            {tried !== null && (
              <ReferenceLine
                x={tried}
                stroke="var(--foreground)"
                strokeDasharray="4 3"
                label={beside ? undefined : mark('tried')}
              />
            )}
          </AreaChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}
