import type { LabelFreeScoreReport } from '../agents/report.ts';
import type { PairedInterval } from '../evaluation/bootstrap.ts';
import {
  buildScorePairs,
  compareModels,
  labelFreeScore,
  type ModelComparison,
  type ScoreOptions,
} from './label-free-score.ts';
import type { LearningSet } from './learning-set.ts';

/** Two versions on the same live tracks, which neither was trained on. */
export interface LiveComparison extends ModelComparison {
  readonly before: LabelFreeScoreReport;
  readonly after: LabelFreeScoreReport;
}

export interface LiveComparisonInput {
  readonly set: LearningSet;
  /** Float32 of `set.probes.length * dimension`, in the order of the set. */
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly score: ScoreOptions & { readonly minGap?: number };
}

/** Null when the tracks hold fewer than `minPairs` genuine or impostor pairs: nothing can be said yet. */
export function compareLive(input: LiveComparisonInput, minPairs: number): LiveComparison | null {
  const { set, before, after, score } = input;
  const pairs = buildScorePairs(set, { minGap: score.minGap });
  if (pairs === null || pairs.genuine.length < minPairs || pairs.impostor.length < minPairs) return null;
  return {
    before: labelFreeScore(pairs, before, score),
    after: labelFreeScore(pairs, after, score),
    ...compareModels(pairs, { before, after }, score),
  };
}

/** 0.934 -> `93.4 %` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** -0.012 -> `−1.2 points` */
export function points(share: number): string {
  return `${share < 0 ? '−' : ''}${(Math.abs(share) * 100).toFixed(1)} points`;
}

export function describeGain({ value, low, high }: PairedInterval, confidence = 0.95): string {
  const share = Number((confidence * 100).toFixed(confidence > 0.999 ? 3 : 1));
  return `${points(value)} (${share} % interval ${points(low)} to ${points(high)})`;
}
