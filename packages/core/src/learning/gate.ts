import type { GateVerdictReport, LabelFreeScoreReport } from '../agents/report.ts';
import { buildPairs } from '../evaluation/pairs.ts';
import { bestBalancedAccuracy, sortPairs } from '../evaluation/verification.ts';
import { embeddingDistance, type Metric } from '../recognition/gallery.ts';
import {
  buildScorePairs,
  compareModels,
  labelFreeScore,
  type ScoreOptions,
  type ScorePairOptions,
  type ScorePairs,
} from './label-free-score.ts';
import type { LearningSet } from './learning-set.ts';
import { describeGain, percent, points } from './live-score.ts';
import { allFinite } from './weights.ts';

export interface GatePolicy {
  /** Least genuine and impostor pairs for a verdict. Default 100. */
  readonly minPairs?: number;
  /** What the mean of accuracy and area under the curve must gain at least, 0..1. Default 0: any gain that chance does not explain. */
  readonly minGain?: number;
  /** Accuracy it may lose on the enrolled pictures, 0..1. Default 0.02. */
  readonly maxEnrolmentLoss?: number;
  /** Accuracy it may lose on the base benchmark, 0..1. Default 0.02. */
  readonly maxBenchmarkLoss?: number;
  /** Share of the interval of the gain, 0..1. Default 0.8: its lower end is what 90 % of chance stays above. */
  readonly confidence?: number;
  /**
   * Least share of the champion's error that must go, by the same mean. Default MIN_ERROR_CUT: the few people who were held out
   * stand for those to come only roughly, and a new version costs a gallery embedded anew.
   */
  readonly minErrorCut?: number;
}

const MIN_PAIRS = 100;
export const MIN_ERROR_CUT = 0.1;

const suffice = ({ genuine, impostor }: ScorePairs, minPairs: number): boolean =>
  genuine.length >= minPairs && impostor.length >= minPairs;

/** Whether the tracks that would be held out give the pairs that a verdict needs. Without them training is for nothing. */
export function canBeJudged(
  judged: LearningSet,
  { scoring, minPairs = MIN_PAIRS }: { readonly scoring: ScorePairOptions; readonly minPairs?: number },
): boolean {
  const pairs = buildScorePairs(judged, scoring);
  return pairs !== null && suffice(pairs, minPairs);
}

/** A figure of both models on pictures whose people are known. */
export interface KnownAccuracy {
  readonly champion: number;
  readonly candidate: number;
}

export interface GateInput {
  /** Pairs of held-out tracks; null when there are none. */
  readonly pairs: ScorePairs | null;
  /** Embeddings of the held-out probes under either model. */
  readonly champion: Float32Array;
  readonly candidate: Float32Array;
  /** Accuracy on the enrolled pictures under either model; null when it cannot be measured. */
  readonly enrolment: KnownAccuracy | null;
  /** The same on a fixed set of faces that ships with the product or was given with the base model; null or absent = none. */
  readonly benchmark?: KnownAccuracy | null;
  /**
   * Candidates that these very tracks have judged before. Whoever tries often enough wins by chance: with each attempt the
   * same tracks must speak more clearly: the error rate is divided by the square of the number of attempts, whose sum stays below two
   * however many follow.
   */
  readonly attempts?: number;
  readonly score: ScoreOptions;
  readonly policy?: GatePolicy;
}

/**
 * Whether a candidate may go live. On held-out tracks it must beat the champion by more than chance explains, whole tracks being
 * drawn anew (docs/decisions/022): in the mean of accuracy, which is what people use, and area under the ROC curve, which sees
 * gains that few pairs at one threshold cannot prove. The win must be worth the change. And it must forget neither the enrolled
 * people nor the faces of the base benchmark. The reason says all this in words.
 */
export function judgeCandidate(input: GateInput): GateVerdictReport {
  const { pairs, score } = input;
  const { minPairs = MIN_PAIRS, minGain = 0, minErrorCut = MIN_ERROR_CUT } = input.policy ?? {};
  const confidence = 1 - (1 - (input.policy?.confidence ?? 0.8)) / (1 + (input.attempts ?? 0)) ** 2;
  if (pairs === null || !suffice(pairs, minPairs)) {
    const found = pairs === null ? 'no' : `only ${pairs.genuine.length} genuine and ${pairs.impostor.length} impostor`;
    const reason = `Not promoted: the held-out tracks give ${found} pairs, and a verdict needs ${minPairs} of each. It will be tried again with more tracks.`;
    return { passed: false, reason, champion: null, candidate: null, gain: null };
  }
  if (!allFinite(input.candidate)) {
    const reason =
      'Not promoted: training went astray, the candidate’s embeddings are not numbers. Lower the learning rate.';
    return {
      passed: false,
      reason,
      champion: labelFreeScore(pairs, input.champion, score),
      candidate: null,
      gain: null,
    };
  }
  const champion = labelFreeScore(pairs, input.champion, score);
  const candidate = labelFreeScore(pairs, input.candidate, score);
  const models = { before: input.champion, after: input.candidate };
  const difference = compareModels(pairs, models, { ...score, confidence });
  const { accuracy, auc, rank } = difference;
  const gain = { mean: accuracy.value, low: accuracy.low, high: accuracy.high };
  const verdict = (passed: boolean, reason: string): GateVerdictReport => ({
    passed,
    reason,
    champion,
    candidate,
    gain,
  });

  const figures = `accuracy on held-out tracks ${percent(champion.accuracy)} before and ${percent(candidate.accuracy)} after, a gain of ${points(accuracy.value)}; area under the ROC curve ${percent(champion.auc)} before and ${percent(candidate.auc)} after, a gain of ${points(auc.value)}; on average a gain of ${describeGain(rank, confidence)}`;
  if (!(rank.low > minGain)) {
    const wanted = minGain > 0 ? `above the required ${points(minGain)}` : 'beyond what chance explains';
    return verdict(false, `Not promoted: ${figures}. That is not ${wanted}.`);
  }
  const cut = labelFreeErrorCut(champion, candidate);
  if (cut < minErrorCut) {
    const wanted = `The error falls by ${percent(cut)}, and less than ${percent(minErrorCut)} is not worth a new version`;
    return verdict(false, `Not promoted: ${figures}. ${wanted}.`);
  }
  const forgotten = forgets(input);
  if (forgotten) return verdict(false, `Not promoted: ${figures}, but ${forgotten}.`);
  return verdict(
    true,
    `Promoted: ${figures}.${held('enrolled pictures', input.enrolment)}${held('base benchmark', input.benchmark)}`,
  );
}

function forgets({ enrolment, benchmark, policy = {} }: GateInput): string | null {
  const { maxEnrolmentLoss = 0.02, maxBenchmarkLoss = 0.02 } = policy;
  const fall = (of: KnownAccuracy) => `it falls from ${percent(of.champion)} to ${percent(of.candidate)}`;
  if (enrolment && enrolment.champion - enrolment.candidate > maxEnrolmentLoss)
    return `on the enrolled pictures ${fall(enrolment)}`;
  if (benchmark && benchmark.champion - benchmark.candidate > maxBenchmarkLoss)
    return `on the base benchmark ${fall(benchmark)}`;
  return null;
}

function held(what: string, of: KnownAccuracy | null | undefined): string {
  return of ? ` On the ${what} accuracy is ${percent(of.champion)} before and ${percent(of.candidate)} after.` : '';
}

/** Share of the error that is gone, by the figure that ranks candidates: the mean of accuracy and area under the curve. */
export function labelFreeErrorCut(before: RankedScore, after: RankedScore): number {
  const error = (of: RankedScore) => 1 - (of.accuracy + of.auc) / 2;
  return error(before) > 0 ? 1 - error(after) / error(before) : 0;
}

type RankedScore = Pick<LabelFreeScoreReport, 'accuracy' | 'auc'>;

/** Verification accuracy on enrolled pictures, or null unless some identity has two and there are two identities. */
export function enrolmentAccuracy(
  enrolled: readonly { readonly identityId: string; readonly embedding: Float32Array }[],
  metric: Metric,
): number | null {
  const pairs = buildPairs(
    enrolled.map(({ identityId }) => ({ identity: identityId, frame: 0 })),
    { minGap: 0 },
  );
  if (pairs.genuine.a.length === 0 || pairs.impostor.a.length === 0) return null;
  const distances = ({ a, b }: { readonly a: Int32Array; readonly b: Int32Array }) =>
    Float64Array.from(a, (i, k) => embeddingDistance(enrolled[i]!.embedding, enrolled[b[k]!]!.embedding, metric));
  return bestBalancedAccuracy(sortPairs({ genuine: distances(pairs.genuine), impostor: distances(pairs.impostor) }))
    .accuracy;
}
