/** A moment with some figures; a figure that was not measured is absent or null. */
export interface SeriesPoint<K extends string> {
  /** Unix epoch ms. */
  time: number;
  values: Partial<Record<K, number | null>>;
}

export type SeriesRow<K extends string> = { time: number } & Record<K, number | null>;

export interface TimeSeries<K extends string> {
  rows: SeriesRow<K>[];
  /** The newest measured value of each key, null when there is none. */
  latest: Record<K, number | null>;
}

interface PrepareOptions<K extends string> {
  points: readonly SeriesPoint<K>[];
  keys: readonly K[];
  /** Longest silence in ms that still counts as one line; a longer one is drawn as a gap. */
  maxGap: number;
  /** More points than this are averaged into as many buckets. */
  maxRows?: number;
}

const empty = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((k) => [k, null])) as Record<K, number | null>;

/**
 * Rows for a line chart in time order. What was not measured stays null: a gap is not a zero. Where nothing at all came for
 * longer than `maxGap` an empty row breaks the lines.
 */
export function prepareTimeSeries<K extends string>(options: PrepareOptions<K>): TimeSeries<K> {
  const { keys, maxGap, maxRows = 400 } = options;
  const sorted = options.points.filter((p) => Number.isFinite(p.time)).sort((a, b) => a.time - b.time);
  const latest = empty(keys);
  for (const point of sorted) {
    for (const key of keys) latest[key] = finite(point.values[key]) ?? latest[key];
  }

  const rows: SeriesRow<K>[] = [];
  let previous: number | null = null;
  for (const point of thin(sorted, keys, maxRows)) {
    if (previous !== null && point.time - previous > maxGap) {
      rows.push({ time: (previous + point.time) / 2, ...empty(keys) });
    }
    rows.push(point);
    previous = point.time;
  }
  return { rows, latest };
}

const finite = (n: number | null | undefined): number | null => (n != null && Number.isFinite(n) ? n : null);

/** Means over equal stretches of time, at the mean time of what fell into each; stretches without points yield no row. */
function thin<K extends string>(points: SeriesPoint<K>[], keys: readonly K[], maxRows: number): SeriesRow<K>[] {
  const toRow = (point: SeriesPoint<K>) =>
    ({
      time: point.time,
      ...Object.fromEntries(keys.map((k) => [k, finite(point.values[k])])),
    }) as SeriesRow<K>;
  if (points.length <= maxRows) return points.map(toRow);

  const start = points[0].time;
  const width = (points[points.length - 1].time - start) / maxRows || 1;
  const buckets = new Map<number, SeriesPoint<K>[]>();
  for (const point of points) {
    const index = Math.min(maxRows - 1, Math.floor((point.time - start) / width));
    const bucket = buckets.get(index);
    if (bucket) bucket.push(point);
    else buckets.set(index, [point]);
  }
  return [...buckets.values()].map((bucket) => {
    const row = { time: mean(bucket.map((p) => p.time)), ...empty(keys) } as SeriesRow<K>;
    for (const key of keys) {
      const measured = bucket.map((p) => finite(p.values[key])).filter((n) => n !== null);
      if (measured.length > 0) Object.assign(row, { [key]: mean(measured) });
    }
    return row;
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
