import { formatShare } from '../../lib/format.ts';
import { type Interval, prepareIntervalScale } from './prepare-interval-scale.ts';

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

/** Accuracies as dots with their 95 % intervals on one scale, one line each, so that overlap can be seen. */
export function IntervalChart({ label, intervals }: { label: string; intervals: readonly Interval[] }) {
  const scale = prepareIntervalScale(intervals);
  return (
    <figure aria-label={label} className="text-[13px]">
      <ul className="grid gap-2.5">
        {scale.intervals.map((i, index) => (
          <li key={i.label} className="grid gap-1">
            <span className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 truncate" title={i.label}>
                {i.label}
              </span>
              <span className="tabular whitespace-nowrap">
                <b className="font-semibold">{formatShare(i.value)}</b>
                {i.low !== null && i.high !== null && (
                  <span className="text-muted-foreground">
                    {' '}
                    [{formatShare(i.low)}, {formatShare(i.high)}]
                  </span>
                )}
              </span>
            </span>
            <span aria-hidden className="relative block h-3 rounded-sm bg-muted">
              {scale.ticks.map((t) => (
                <span
                  key={t}
                  className="absolute inset-y-0 w-px bg-border"
                  style={{ left: percent((t - scale.from) / (scale.to - scale.from)) }}
                />
              ))}
              <span
                className="absolute top-1/2 h-0.5 -translate-y-1/2"
                style={{
                  left: percent(i.lowAt),
                  width: percent(i.highAt - i.lowAt),
                  background: `var(--chart-${(index % 5) + 1})`,
                }}
              />
              <span
                className="absolute top-1/2 size-2.5 -translate-1/2 rounded-full ring-2 ring-card"
                style={{ left: percent(i.at), background: `var(--chart-${(index % 5) + 1})` }}
              />
            </span>
          </li>
        ))}
      </ul>
      <p aria-hidden className="tabular mt-1 flex justify-between text-xs text-muted-foreground">
        <span>{formatShare(scale.from, 1)}</span>
        <span>{formatShare(scale.to, 1)}</span>
      </p>
    </figure>
  );
}
