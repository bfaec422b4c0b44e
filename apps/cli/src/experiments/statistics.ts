/** Student's t at 97.5 % for 1, 2, ... degrees of freedom; beyond the table it is close to the normal's 1.96. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

export interface MeanInterval {
  readonly mean: number;
  /** 95 % interval of the mean (Student's t); null for a single value, of which nothing can be said. */
  readonly low: number | null;
  readonly high: number | null;
}

export function meanInterval(values: readonly number[]): MeanInterval {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  if (values.length < 2) return { mean, low: null, high: null };
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  const half = (T[values.length - 2] ?? 1.96) * Math.sqrt(variance / values.length);
  return { mean, low: mean - half, high: mean + half };
}

type Pairs = readonly (readonly [number, number])[];

/** Spearman's rank correlation, equal values sharing their mean rank; null where either side does not vary. */
export function rankCorrelation(pairs: Pairs): number | null {
  const x = ranks(pairs.map(([a]) => a));
  const y = ranks(pairs.map(([, b]) => b));
  return correlation(x.map((rank, i) => [rank, y[i]]));
}

/** Pearson's correlation; null where either side does not vary. */
export function correlation(pairs: Pairs): number | null {
  const mean = (side: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length;
  const [mx, my] = [mean(0), mean(1)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xy += (x - mx) * (y - my);
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

/** 1 for the smallest; equal values get the mean of their places. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const out = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let k = start; k < end; k++) out[order[k]] = (start + end + 1) / 2;
    start = end;
  }
  return out;
}
