import { SafaceError } from '../errors.ts';

/**
 * Verification metrics from distances, smaller meaning more alike; a pair is accepted when `distance <= threshold`.
 * FAR is the accepted share of impostor pairs, TAR the accepted share of genuine pairs. Every metric takes optional
 * weights per pair (genuine pairs first, then impostor pairs), so a bootstrap re-weighs instead of sorting again.
 */
export interface PairDistances {
  readonly genuine: ArrayLike<number>;
  readonly impostor: ArrayLike<number>;
}

/** All pairs in ascending order of distance. Build once with `sortPairs`, measure many times. */
export interface SortedPairs {
  readonly distance: Float64Array;
  /** 1 where the pair is genuine. */
  readonly genuine: Uint8Array;
  /** Position of the pair in the input: genuine pairs first, then impostor pairs. */
  readonly source: Int32Array;
  readonly genuineCount: number;
  readonly impostorCount: number;
}

export interface RocPoint {
  readonly threshold: number;
  readonly far: number;
  readonly tar: number;
}

export interface VerificationReport {
  readonly genuinePairs: number;
  readonly impostorPairs: number;
  /** Best mean of TAR and 1 - FAR over all thresholds, 0.5..1. */
  readonly balancedAccuracy: number;
  /** The threshold that reaches it. */
  readonly threshold: number;
  readonly auc: number;
  readonly eer: number;
  readonly tarAtFar1e1: number;
  readonly tarAtFar1e2: number;
  readonly tarAtFar1e3: number;
}

export type PairWeights = ArrayLike<number>;

/** @throws SafaceError `invalid-input` when a side is empty or a distance is not a number. */
export function sortPairs({ genuine, impostor }: PairDistances): SortedPairs {
  const count = genuine.length + impostor.length;
  if (genuine.length === 0 || impostor.length === 0) {
    throw new SafaceError(
      'invalid-input',
      `Verification needs genuine and impostor pairs, but got ${genuine.length} and ${impostor.length}`,
      'Use a recording in which at least two people appear, one of them for longer than the pair gap.',
    );
  }
  const raw = new Float64Array(count);
  for (let i = 0; i < genuine.length; i++) raw[i] = genuine[i]!;
  for (let i = 0; i < impostor.length; i++) raw[genuine.length + i] = impostor[i]!;
  const bad = raw.findIndex((d) => Number.isNaN(d));
  if (bad >= 0) {
    throw new SafaceError(
      'invalid-input',
      `The distance of pair ${bad} is not a number`,
      'The model that made these embeddings is broken: go back to the previous version.',
    );
  }
  const source = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => raw[a]! - raw[b]! || a - b);
  return {
    distance: Float64Array.from(source, (i) => raw[i]!),
    genuine: Uint8Array.from(source, (i) => (i < genuine.length ? 1 : 0)),
    source,
    genuineCount: genuine.length,
    impostorCount: impostor.length,
  };
}

interface SweepStep {
  /** Distance shared by the pairs of this step. */
  distance: number;
  /** Distance of the next step, or the same distance when this is the last. */
  next: number;
  /** Weight accepted before this step and within it. */
  genuineBefore: number;
  impostorBefore: number;
  genuineHere: number;
  impostorHere: number;
}

/** Visits groups of equal distance in ascending order; pairs of equal distance can only be accepted together. */
function sweep(pairs: SortedPairs, weights: PairWeights | undefined, visit: (step: SweepStep) => void): void {
  const { distance, genuine, source } = pairs;
  const step: SweepStep = {
    distance: 0,
    next: 0,
    genuineBefore: 0,
    impostorBefore: 0,
    genuineHere: 0,
    impostorHere: 0,
  };
  let i = 0;
  while (i < distance.length) {
    step.distance = distance[i]!;
    step.genuineHere = 0;
    step.impostorHere = 0;
    for (; i < distance.length && distance[i] === step.distance; i++) {
      const weight = weights ? weights[source[i]!]! : 1;
      if (genuine[i]) step.genuineHere += weight;
      else step.impostorHere += weight;
    }
    step.next = i < distance.length ? distance[i]! : step.distance;
    visit(step);
    step.genuineBefore += step.genuineHere;
    step.impostorBefore += step.impostorHere;
  }
}

function totals(pairs: SortedPairs, weights: PairWeights | undefined): { genuine: number; impostor: number } {
  if (!weights) return { genuine: pairs.genuineCount, impostor: pairs.impostorCount };
  let genuine = 0;
  let impostor = 0;
  for (let i = 0; i < weights.length; i++) {
    if (i < pairs.genuineCount) genuine += weights[i]!;
    else impostor += weights[i]!;
  }
  return { genuine, impostor };
}

/** Best balanced accuracy over all thresholds, and a threshold half-way to the next distance that reaches it. */
export function bestBalancedAccuracy(
  pairs: SortedPairs,
  weights?: PairWeights,
): { accuracy: number; threshold: number } {
  const total = totals(pairs, weights);
  let accuracy = 0.5;
  // Nothing accepted: just below the smallest distance, and finite so that it survives JSON.
  let threshold = pairs.distance[0]! - 1e-6 * (1 + Math.abs(pairs.distance[0]!));
  sweep(pairs, weights, (s) => {
    const tar = (s.genuineBefore + s.genuineHere) / total.genuine;
    const far = (s.impostorBefore + s.impostorHere) / total.impostor;
    const here = (tar + 1 - far) / 2;
    if (here > accuracy) {
      accuracy = here;
      threshold = (s.distance + s.next) / 2;
    }
  });
  return { accuracy, threshold };
}

/** Chance that a genuine pair is closer than an impostor pair; a tie counts half. */
export function areaUnderCurve(pairs: SortedPairs, weights?: PairWeights): number {
  const total = totals(pairs, weights);
  let area = 0;
  sweep(pairs, weights, (s) => {
    area += s.genuineHere * (total.impostor - s.impostorBefore - s.impostorHere / 2);
  });
  return area / (total.genuine * total.impostor);
}

/** Largest TAR whose FAR does not exceed `far`, and its threshold (-Infinity when even one acceptance is too many). */
export function tarAtFar(
  pairs: SortedPairs,
  far: number,
  weights?: PairWeights,
): { tar: number; far: number; threshold: number } {
  const total = totals(pairs, weights);
  let best = { tar: 0, far: 0, threshold: Number.NEGATIVE_INFINITY };
  sweep(pairs, weights, (s) => {
    const reached = (s.impostorBefore + s.impostorHere) / total.impostor;
    if (reached > far) return;
    best = {
      tar: (s.genuineBefore + s.genuineHere) / total.genuine,
      far: reached,
      threshold: s.impostorHere > 0 || s.genuineHere > 0 ? s.distance : best.threshold,
    };
  });
  return best;
}

/** Rate at which FAR equals 1 - TAR, interpolated between the two thresholds around the crossing. */
export function equalErrorRate(pairs: SortedPairs, weights?: PairWeights): number {
  const total = totals(pairs, weights);
  let rate: number | null = null;
  let previousFar = 0;
  let previousFrr = 1;
  sweep(pairs, weights, (s) => {
    if (rate !== null) return;
    const far = (s.impostorBefore + s.impostorHere) / total.impostor;
    const frr = 1 - (s.genuineBefore + s.genuineHere) / total.genuine;
    if (far >= frr) {
      const gapBefore = previousFrr - previousFar;
      const share = gapBefore / (gapBefore + far - frr);
      rate = previousFar + share * (far - previousFar);
    }
    previousFar = far;
    previousFrr = frr;
  });
  return rate ?? previousFar;
}

/** ROC points from nothing accepted to everything accepted, thinned evenly to at most `maxPoints`. */
export function rocPoints(pairs: SortedPairs, maxPoints = 200): RocPoint[] {
  const total = totals(pairs, undefined);
  const points: RocPoint[] = [{ threshold: Number.NEGATIVE_INFINITY, far: 0, tar: 0 }];
  sweep(pairs, undefined, (s) => {
    points.push({
      threshold: s.distance,
      far: (s.impostorBefore + s.impostorHere) / total.impostor,
      tar: (s.genuineBefore + s.genuineHere) / total.genuine,
    });
  });
  if (points.length <= maxPoints) return points;
  const stride = (points.length - 1) / (maxPoints - 1);
  return Array.from({ length: maxPoints }, (_, i) => points[Math.round(i * stride)]!);
}

export function verificationReport(distances: PairDistances): VerificationReport {
  const pairs = sortPairs(distances);
  const { accuracy, threshold } = bestBalancedAccuracy(pairs);
  return {
    genuinePairs: pairs.genuineCount,
    impostorPairs: pairs.impostorCount,
    balancedAccuracy: accuracy,
    threshold,
    auc: areaUnderCurve(pairs),
    eer: equalErrorRate(pairs),
    tarAtFar1e1: tarAtFar(pairs, 0.1).tar,
    tarAtFar1e2: tarAtFar(pairs, 0.01).tar,
    tarAtFar1e3: tarAtFar(pairs, 0.001).tar,
  };
}
