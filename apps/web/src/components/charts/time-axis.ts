import { formatClock, formatDate, formatShortTime } from '../../lib/format.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Writes the ticks of a time axis that spans `span` ms: seconds when zoomed in, dates when zoomed out. */
export function timeTickFormat(span: number): (time: number) => string {
  if (span <= 5 * MINUTE) return formatClock;
  return span <= 2 * DAY ? formatShortTime : formatDate;
}

/** About `count` round times between `from` and `to`. */
export function timeTicks(from: number, to: number, count = 6): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map(
    (s) => s * 1000,
  );
  const wanted = (to - from) / count;
  const step = steps.find((s) => s >= wanted) ?? Math.ceil(wanted / DAY) * DAY;
  const ticks: number[] = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) ticks.push(t);
  return ticks;
}
