import type { GateVerdictReport } from '../agents/report.ts';
import type { Metric } from '../recognition/gallery.ts';
import { type CleaningOptions, type CleanTracks, cleanTracks } from './clean-tracks.ts';
import { embedProbes } from './embed.ts';
import { fineTune } from './fine-tune.ts';
import type { FeatureBank, FineTuneInput, FineTuneResult } from './fine-tune-types.ts';
import { enrolmentAccuracy, type GatePolicy, judgeCandidate, type KnownAccuracy } from './gate.ts';
import { buildScorePairs, type ScorePairs, scoreDistances } from './label-free-score.ts';
import type { LearningSet } from './learning-set.ts';
import { splitByTime } from './split.ts';

export interface AdaptOptions {
  readonly metric: Metric;
  /** Share of the probes, the latest ones, that never train and judge the candidate instead. */
  readonly heldOutShare: number;
  readonly cleaning: CleaningOptions;
  readonly gate: GatePolicy;
}

/** Enrolled pictures: features of picture i are row i of the bank. The candidate must not forget these people. */
export interface Enrolled {
  readonly bank: FeatureBank;
  readonly identityIds: readonly string[];
}

export interface AdaptInput extends Omit<FineTuneInput, 'training' | 'heldOut'> {
  /** Begins with the champion's weights, also when `resume` is given. */
  readonly set: LearningSet;
  readonly adapt: AdaptOptions;
  readonly enrolled: Enrolled | null;
  /** Faces that the base model knows well and no version may forget; absent = none. */
  readonly benchmark?: Enrolled | null;
  /** Candidates that the same tracks have judged before, see `GateInput.attempts`. Default 0: the tracks are new. */
  readonly attempts?: number;
  /** Distance at which the champion accepts; the candidate's is set to the same rate of false matches. */
  readonly championThreshold: number;
}

export interface Adaptation {
  readonly fineTune: FineTuneResult;
  readonly verdict: GateVerdictReport;
  /** For the candidate; null when there are no held-out pairs to place it with. */
  readonly threshold: number | null;
  readonly training: LearningSet;
  readonly heldOut: LearningSet;
  /** What was done to the tracks before: what was left out, and why, and what was joined. */
  readonly cleaned: Omit<CleanTracks, 'set'>;
}

/**
 * Sections 4.2.1 and 4.2.2 from tracks to a judged candidate: clean the tracks, hold out the latest, fine-tune on triplets of
 * the rest, compare champion and candidate on what was held out. On return the trainer holds the candidate.
 */
export async function adaptLearner(input: AdaptInput): Promise<Adaptation> {
  const { trainer, bank, adapt, enrolled, benchmark = null } = input;
  const { set, ...cleaned } = await cleanTracks(
    input.set,
    { embedder: trainer, bank, metric: adapt.metric },
    adapt.cleaning,
  );
  const { training, heldOut } = splitByTime(set, adapt.heldOutShare);
  const before = await embeddings({ trainer, bank, heldOut, enrolled, benchmark });
  const result = await fineTune({ ...input, training, heldOut });
  const after = await embeddings({ trainer, bank, heldOut, enrolled, benchmark });

  const pairs = buildScorePairs(heldOut, { minGap: input.options.scoreGap });
  const score = { dimension: before.heldOut.dimension, metric: adapt.metric };
  const known = (of: Enrolled | null, pick: (embedded: typeof before) => Embedded | null): KnownAccuracy | null => {
    if (!of) return null;
    const champion = enrolmentFigure(pick(before), of, adapt.metric);
    const candidate = enrolmentFigure(pick(after), of, adapt.metric);
    return champion !== null && candidate !== null ? { champion, candidate } : null;
  };
  const verdict = !result.changed
    ? unchanged(result)
    : judgeCandidate({
        pairs,
        champion: before.heldOut.values,
        candidate: after.heldOut.values,
        enrolment: known(enrolled, (e) => e.enrolled),
        benchmark: known(benchmark, (e) => e.benchmark),
        attempts: input.attempts,
        score,
        policy: adapt.gate,
      });
  const threshold =
    pairs && verdict.candidate ? matchedThreshold(input.championThreshold, { pairs, before, after, score }) : null;
  return { fineTune: result, verdict, threshold, training, heldOut, cleaned };
}

interface Embedded {
  readonly values: Float32Array;
  readonly dimension: number;
}

async function embeddings(
  of: Pick<AdaptInput, 'trainer' | 'bank'> & {
    readonly heldOut: LearningSet;
    readonly enrolled: Enrolled | null;
    readonly benchmark: Enrolled | null;
  },
) {
  const { trainer, bank, enrolled, benchmark, heldOut } = of;
  const pictures = async (known: Enrolled | null) =>
    known
      ? embedProbes(
          trainer,
          known.bank,
          known.identityIds.map((_, row) => row),
        )
      : null;
  return {
    heldOut: await embedProbes(
      trainer,
      bank,
      heldOut.probes.map((p) => p.row),
    ),
    enrolled: await pictures(enrolled),
    benchmark: await pictures(benchmark),
  };
}

function enrolmentFigure(embedded: Embedded | null, { identityIds }: Enrolled, metric: Metric): number | null {
  if (!embedded) return null;
  const { values, dimension } = embedded;
  const rows = identityIds.map((identityId, row) => ({
    identityId,
    embedding: values.subarray(row * dimension, (row + 1) * dimension),
  }));
  return enrolmentAccuracy(rows, metric);
}

/** Training found nothing better than where it began: there is no candidate to judge. */
function unchanged({ stopped, baseScore }: FineTuneResult): GateVerdictReport {
  const reasons: Record<FineTuneResult['stopped'], string> = {
    finished: 'no state of the model during training scored better than the champion on the held-out tracks',
    'no-gain': 'no state of the model during training scored better than the champion on the held-out tracks',
    aborted: 'training was stopped before it found anything better',
    diverged: 'training went astray before it found anything better; lower the learning rate',
    'no-triplets': 'no two people were seen together, so there are no triplets',
  };
  const from = baseScore === null ? '' : ` (${(baseScore * 100).toFixed(1)} %)`;
  return {
    passed: false,
    reason: `Not promoted: ${reasons[stopped]}${from}.`,
    champion: null,
    candidate: null,
    gain: null,
  };
}

/** Rate of false matches below which a quantile of the held-out impostors would be noise. */
const LEAST_RATE = 0.01;

/**
 * The candidate's distances live on another scale. Its threshold accepts the same share of the held-out impostor pairs as
 * the champion's does; where that share is too small to be measured, the threshold moves as the closest hundredth does.
 */
function matchedThreshold(
  championThreshold: number,
  of: {
    pairs: ScorePairs;
    before: { heldOut: Embedded };
    after: { heldOut: Embedded };
    score: { dimension: number; metric: Metric };
  },
): number {
  const impostors = (embedded: Embedded) => {
    const sorted = scoreDistances(of.pairs, embedded.values, of.score);
    return sorted.distance.filter((_, i) => sorted.genuine[i] === 0);
  };
  const champion = impostors(of.before.heldOut);
  const candidate = impostors(of.after.heldOut);
  const accepted = champion.filter((d) => d <= championThreshold).length / champion.length;
  const rate = Math.max(LEAST_RATE, accepted);
  const at = (distances: Float64Array) =>
    distances[Math.min(distances.length - 1, Math.floor(rate * distances.length))];
  return at(champion) > 0 ? (championThreshold * at(candidate)) / at(champion) : championThreshold;
}

export const defaultAdaptOptions: Omit<AdaptOptions, 'metric'> = {
  heldOutShare: 0.2,
  cleaning: { staticTracks: {}, mirrors: {}, jumps: null, mustLink: null },
  gate: {},
};
