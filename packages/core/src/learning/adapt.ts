import type { GateVerdictReport } from '../agents/report.ts';
import type { Metric } from '../recognition/gallery.ts';
import { type CleaningOptions, type CleanTracks, cleanTracks } from './clean-tracks.ts';
import { embedProbes } from './embed.ts';
import { type FeatureBank, type FineTuneInput, type FineTuneResult, fineTune } from './fine-tune.ts';
import { enrolmentAccuracy, type GatePolicy, judgeCandidate } from './gate.ts';
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
  const { trainer, bank, adapt, enrolled } = input;
  const { set, ...cleaned } = await cleanTracks(
    input.set,
    { embedder: trainer, bank, metric: adapt.metric },
    adapt.cleaning,
  );
  const { training, heldOut } = splitByTime(set, adapt.heldOutShare);
  const before = await embeddings({ trainer, bank, heldOut, enrolled });
  const result = await fineTune({ ...input, training, heldOut });
  const after = await embeddings({ trainer, bank, heldOut, enrolled });

  const pairs = buildScorePairs(heldOut, { minGap: input.options.scoreGap });
  const score = { dimension: before.heldOut.dimension, metric: adapt.metric };
  const accuracy = (values: Embedded | null) =>
    values && enrolled ? enrolmentFigure(values, enrolled, adapt.metric) : null;
  const champion = accuracy(before.enrolled);
  const candidate = accuracy(after.enrolled);
  const verdict =
    result.best.step === 0
      ? unchanged(result)
      : judgeCandidate({
          pairs,
          champion: before.heldOut.values,
          candidate: after.heldOut.values,
          enrolment: champion !== null && candidate !== null ? { champion, candidate } : null,
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

async function embeddings(of: Pick<AdaptInput, 'trainer' | 'bank' | 'enrolled'> & { heldOut: LearningSet }) {
  const { trainer, bank, enrolled, heldOut } = of;
  return {
    heldOut: await embedProbes(
      trainer,
      bank,
      heldOut.probes.map((p) => p.row),
    ),
    enrolled: enrolled
      ? await embedProbes(
          trainer,
          enrolled.bank,
          enrolled.identityIds.map((_, row) => row),
        )
      : null,
  };
}

function enrolmentFigure({ values, dimension }: Embedded, { identityIds }: Enrolled, metric: Metric): number | null {
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
  cleaning: { staticTracks: {}, mirrors: null, jumps: null, mustLink: null },
  gate: {},
};
