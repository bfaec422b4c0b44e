import { batchSizeOf, type MeasuredCapacity } from './eq2.ts';

export interface ReplayInput extends MeasuredCapacity {
  /** Probes per interval, interval after interval; a NaN is an interval nobody measured, and trains nothing. */
  readonly loads: readonly number[];
  readonly alpha: number;
  readonly intervals?: number;
}

export interface Replay {
  readonly alpha: number;
  /** B_t of each interval. */
  readonly batchSizes: number[];
  readonly triplets: number;
  /** Mean of B_t over all intervals. */
  readonly meanBatch: number;
  /** Share of intervals without training, 0..1. */
  readonly pausedShare: number;
}

/** What Eq. 2 would have decided over a recorded series of loads under another alpha. */
export function replay(input: ReplayInput): Replay {
  const batchSizes = input.loads.map((load) => batchSizeOf({ ...input, load }));
  const triplets = batchSizes.reduce((a, b) => a + b, 0);
  const count = Math.max(1, batchSizes.length);
  return {
    alpha: input.alpha,
    batchSizes,
    triplets,
    meanBatch: triplets / count,
    pausedShare: batchSizes.filter((b) => b === 0).length / count,
  };
}

export interface WhatIf {
  readonly now: Replay;
  readonly then: Replay;
  readonly explanation: string;
}

/** The recorded series under the alpha in force and under another one, side by side. */
export function whatIf(input: ReplayInput, otherAlpha: number): WhatIf {
  const now = replay(input);
  const then = replay({ ...input, alpha: otherAlpha });
  const change = now.triplets > 0 ? Math.round((then.triplets / now.triplets - 1) * 100) : null;
  const amount =
    change === null
      ? `${then.triplets} instead of no triplets`
      : change === 0
        ? 'as many triplets'
        : `${Math.abs(change)} % ${change > 0 ? 'more' : 'fewer'} triplets`;
  const paused = `pausing in ${Math.round(then.pausedShare * 100)} % of intervals instead of ${Math.round(now.pausedShare * 100)} %`;
  return { now, then, explanation: `With alpha ${otherAlpha} this load would have trained ${amount}, ${paused}.` };
}

/**
 * The alpha at which the dynamic schedule trains as many triplets over these loads as a fixed batch would: section 6.3
 * compares the two at equal training speed. Null when the fixed batch is more than an always idle edge could train.
 */
export function alphaForEqualSpeed(input: Omit<ReplayInput, 'alpha'>, fixedBatch: number): number | null {
  const target = fixedBatch * input.loads.length;
  const triplets = (alpha: number) => replay({ ...input, alpha }).triplets;
  if (triplets(0) < target) return null;
  let low = 0;
  let high = 1;
  while (triplets(high) > target && high < 1024) high *= 2;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (triplets(middle) >= target) low = middle;
    else high = middle;
  }
  return low;
}
