import { createRandom, type Random } from './random.ts';
import type { PairWeights, SortedPairs } from './verification.ts';

/** A number read off a set of pairs, such as `(p, w) => bestBalancedAccuracy(p, w).accuracy`. */
export type PairStatistic = (pairs: SortedPairs, weights?: PairWeights) => number;

/**
 * Which people (or tracks) a pair is made of. Pairs that share a face are not independent: drawing whole people instead
 * of pairs keeps the interval honest when there are thousands of pairs but ten people.
 */
export interface PairUnits {
  readonly unitCount: number;
  /** Unit of either side of each pair, genuine pairs first; equal for the two sides of a genuine pair. */
  readonly first: ArrayLike<number>;
  readonly second: ArrayLike<number>;
}

export interface BootstrapOptions {
  /** Without units the pairs themselves are drawn, genuine and impostor pairs apart. */
  readonly units?: PairUnits;
  readonly resamples?: number;
  /** Share of resamples inside the interval, 0..1. Default 0.95. */
  readonly confidence?: number;
  readonly seed?: number;
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Percentile bootstrap of one statistic. */
export function bootstrapInterval(
  pairs: SortedPairs,
  statistic: PairStatistic,
  options: BootstrapOptions = {},
): Interval {
  const draws = resample(pairs, options, (weights) => statistic(pairs, weights));
  return interval(statistic(pairs), draws, options.confidence ?? 0.95);
}

export interface PairedInterval extends Interval {
  readonly before: number;
  readonly after: number;
  /** Share of resamples in which `after` does not beat `before`: small means a win that chance does not explain. */
  readonly pNotBetter: number;
}

/** Percentile bootstrap of `after - before` on the SAME pairs: both models see every resample. */
export function bootstrapDifference(
  models: { readonly before: SortedPairs; readonly after: SortedPairs },
  statistic: PairStatistic,
  options: BootstrapOptions = {},
): PairedInterval {
  const { before, after } = models;
  const draws = resample(before, options, (weights) => statistic(after, weights) - statistic(before, weights));
  const a = statistic(before);
  const b = statistic(after);
  const notBetter = draws.reduce((n, d) => n + (d > 0 ? 0 : 1), 0);
  return {
    ...interval(b - a, draws, options.confidence ?? 0.95),
    before: a,
    after: b,
    pNotBetter: draws.length > 0 ? notBetter / draws.length : 1,
  };
}

function resample(
  pairs: SortedPairs,
  { units, resamples = 500, seed = 1 }: BootstrapOptions,
  measure: (weights: Float64Array) => number,
): number[] {
  const random = createRandom(seed);
  const weights = new Float64Array(pairs.genuineCount + pairs.impostorCount);
  const draws: number[] = [];
  // A draw of few units can hold no genuine or no impostor pair; it says nothing and is drawn again, within reason.
  for (let attempt = 0; draws.length < resamples && attempt < resamples * 4; attempt++) {
    const usable = units ? drawUnits(pairs, units, weights, random) : drawPairs(pairs, weights, random);
    if (usable) draws.push(measure(weights));
  }
  return draws;
}

function drawPairs(pairs: SortedPairs, weights: Float64Array, random: Random): boolean {
  weights.fill(0);
  const { genuineCount, impostorCount } = pairs;
  for (let i = 0; i < genuineCount; i++) weights[Math.floor(random() * genuineCount)]! += 1;
  for (let i = 0; i < impostorCount; i++) weights[genuineCount + Math.floor(random() * impostorCount)]! += 1;
  return true;
}

function drawUnits(pairs: SortedPairs, units: PairUnits, weights: Float64Array, random: Random): boolean {
  const drawn = new Float64Array(units.unitCount);
  for (let i = 0; i < units.unitCount; i++) drawn[Math.floor(random() * units.unitCount)]! += 1;
  let genuine = 0;
  let impostor = 0;
  for (let i = 0; i < weights.length; i++) {
    const a = units.first[i]!;
    const b = units.second[i]!;
    const weight = a === b ? drawn[a]! : drawn[a]! * drawn[b]!;
    weights[i] = weight;
    if (i < pairs.genuineCount) genuine += weight;
    else impostor += weight;
  }
  return genuine > 0 && impostor > 0;
}

function interval(value: number, draws: number[], confidence: number): Interval {
  if (draws.length === 0) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const sorted = [...draws].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))]!;
  const tail = (1 - confidence) / 2;
  return { value, low: at(tail), high: at(1 - tail) };
}
