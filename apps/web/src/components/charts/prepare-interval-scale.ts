export interface Interval {
  label: string;
  /** Best estimate, 0..1. */
  value: number;
  /** 95 % interval; null when it was not measured. */
  low: number | null;
  high: number | null;
}

export interface PlacedInterval extends Interval {
  /** Positions on the scale, 0..1 from left to right. */
  at: number;
  lowAt: number;
  highAt: number;
}

export interface IntervalScale {
  from: number;
  to: number;
  ticks: number[];
  intervals: PlacedInterval[];
}

/**
 * One scale for several accuracies with their intervals. It starts and ends at round figures around the data, because a scale
 * from zero would hide differences of a few percent between accuracies above 0.9; it never leaves 0..1.
 */
export function prepareIntervalScale(intervals: readonly Interval[]): IntervalScale {
  const lows = intervals.map((i) => i.low ?? i.value);
  const highs = intervals.map((i) => i.high ?? i.value);
  const spread = Math.max(...highs, 0) - Math.min(...lows, 1);
  const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].find((s) => spread / s <= 5) ?? 0.25;
  const from = intervals.length ? Math.max(0, Math.floor(Math.min(...lows) / step + 1e-9) * step) : 0;
  let to = intervals.length ? Math.min(1, Math.ceil(Math.max(...highs) / step - 1e-9) * step) : 1;
  if (to - from < step / 2) to = Math.min(1, from + step);
  const start = to - from < step / 2 ? Math.max(0, to - step) : from;
  const place = (v: number) => (v - start) / (to - start);
  const ticks: number[] = [];
  for (let i = 0; start + i * step <= to + 1e-9; i += 1) ticks.push(Number((start + i * step).toFixed(6)));
  return {
    from: Number(start.toFixed(6)),
    to: Number(to.toFixed(6)),
    ticks,
    intervals: intervals.map((i) => ({
      ...i,
      at: place(i.value),
      lowAt: place(i.low ?? i.value),
      highAt: place(i.high ?? i.value),
    })),
  };
}
