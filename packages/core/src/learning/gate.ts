import type { GateVerdictReport } from '../agents/report.ts';
import { buildPairs } from '../evaluation/pairs.ts';
import { bestBalancedAccuracy, sortPairs } from '../evaluation/verification.ts';
import { embeddingDistance, type Metric } from '../recognition/gallery.ts';
import { compareModels, labelFreeScore, type ScoreOptions, type ScorePairs } from './label-free-score.ts';
import { percent, points } from './live-score.ts';

export interface GatePolicy {
  /** Least genuine and impostor pairs for a verdict. Default 100. */
  readonly minPairs?: number;
  /** Accuracy the candidate must gain at least, 0..1. Default 0: any gain that chance does not explain. */
  readonly minGain?: number;
  /** Accuracy it may lose on the enrolled pictures, 0..1. Default 0.02. */
  readonly maxEnrolmentLoss?: number;
}

export interface GateInput {
  /** Pairs of held-out tracks; null when there are none. */
  readonly pairs: ScorePairs | null;
  /** Embeddings of the held-out probes under either model. */
  readonly champion: Float32Array;
  readonly candidate: Float32Array;
  /** Accuracy on the enrolled pictures under either model; null when it cannot be measured. */
  readonly enrolment: { readonly champion: number; readonly candidate: number } | null;
  readonly score: ScoreOptions;
  readonly policy?: GatePolicy;
}

/**
 * Whether a candidate may go live. It must beat the champion on held-out tracks by more than chance explains, in accuracy
 * (the lower end of the paired interval lies above the required gain) or, without losing accuracy, in the area under the
 * ROC curve, which uses every pair and so sees gains that few pairs at one threshold cannot prove. And it must not forget
 * the enrolled people. The reason says all this in words.
 */
export function judgeCandidate(input: GateInput): GateVerdictReport {
  const { pairs, enrolment, score } = input;
  const { minPairs = 100, minGain = 0, maxEnrolmentLoss = 0.02 } = input.policy ?? {};
  if (pairs === null || pairs.genuine.length < minPairs || pairs.impostor.length < minPairs) {
    const found = pairs === null ? 'no' : `only ${pairs.genuine.length} genuine and ${pairs.impostor.length} impostor`;
    const reason = `Not promoted: the held-out tracks give ${found} pairs, and a verdict needs ${minPairs} of each. It will be tried again with more tracks.`;
    return { passed: false, reason, champion: null, candidate: null, gain: null };
  }
  if (!input.candidate.every((v) => Number.isFinite(v))) {
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
  const difference = compareModels(pairs, { before: input.champion, after: input.candidate }, score);
  const { accuracy, auc } = difference;
  const gain = { mean: accuracy.value, low: accuracy.low, high: accuracy.high };
  const verdict = (passed: boolean, reason: string): GateVerdictReport => ({
    passed,
    reason,
    champion,
    candidate,
    gain,
  });

  const figures = `accuracy on held-out tracks ${percent(champion.accuracy)} before and ${percent(candidate.accuracy)} after, a gain of ${points(gain.mean)} (95 % interval ${points(gain.low)} to ${points(gain.high)}); area under the ROC curve ${percent(champion.auc)} before and ${percent(candidate.auc)} after, a gain of ${points(auc.value)} (${points(auc.low)} to ${points(auc.high)})`;
  const won = gain.low > minGain || (gain.mean >= minGain && auc.low > 0);
  if (!won) {
    const wanted = minGain > 0 ? `above the required ${points(minGain)}` : 'beyond what chance explains';
    return verdict(false, `Not promoted: ${figures}. Neither gain is ${wanted}.`);
  }
  if (enrolment !== null && enrolment.champion - enrolment.candidate > maxEnrolmentLoss) {
    return verdict(
      false,
      `Not promoted: ${figures}, but on the enrolled pictures it falls from ${percent(enrolment.champion)} to ${percent(enrolment.candidate)}.`,
    );
  }
  const kept =
    enrolment === null
      ? ''
      : ` The enrolled pictures hold: ${percent(enrolment.champion)} before, ${percent(enrolment.candidate)} after.`;
  return verdict(true, `Promoted: ${figures}.${kept}`);
}

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
