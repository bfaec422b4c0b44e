import type { GateVerdictReport } from '../agents/report.ts';
import type { Metric } from '../recognition/gallery.ts';
import { type CleaningOptions, type CleanTracks, cleanTracks } from './clean-tracks.ts';
import { type CrossFit, type CrossFitInput, crossFit } from './cross-fit.ts';
import { embedProbes } from './embed.ts';
import type { FeatureBank, FineTuneResult } from './fine-tune-types.ts';
import { FirstEmbeddings } from './first-embeddings.ts';
import { enrolmentAccuracy, type GatePolicy, judgeCandidate, type KnownAccuracy } from './gate.ts';
import { buildScorePairs } from './label-free-score.ts';
import type { LearningSet } from './learning-set.ts';
import { matchedThreshold } from './matched-threshold.ts';

export interface AdaptOptions {
  readonly metric: Metric;
  /** How many parts the recording is cut into, how many of them judge a training that did without, and whether one learns from all. */
  readonly parts: CrossFitInput['parts'];
  readonly trainings: CrossFitInput['trainings'];
  readonly withAll: boolean;
  readonly cleaning: CleaningOptions;
  readonly gate: GatePolicy;
}

/** Enrolled pictures: features of picture i are row i of the bank. The candidate must not forget these people. */
export interface Enrolled {
  readonly bank: FeatureBank;
  readonly identityIds: readonly string[];
}

export interface AdaptInput extends Omit<CrossFitInput, 'parts' | 'trainings' | 'withAll'> {
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
  readonly crossFit: CrossFit;
  readonly verdict: GateVerdictReport;
  /** For the candidate; null when there are no held-out pairs to place it with. */
  readonly threshold: number | null;
  /** What was done to the tracks before: what was left out, and why, and what was joined. */
  readonly cleaned: Omit<CleanTracks, 'set'>;
}

/**
 * Sections 4.2.1 and 4.2.2 from tracks to a judged candidate: clean the tracks, fine-tune on triplets without some part of the
 * recording, compare champion and candidate on what was held out. On return the trainer holds the candidate.
 */
export async function adaptLearner(input: AdaptInput): Promise<Adaptation> {
  const { trainer, bank, adapt, enrolled, benchmark = null } = input;
  const first = new FirstEmbeddings(await trainer.weights());
  const { set, ...cleaned } = await cleanTracks(
    input.set,
    { embed: (rows) => first.embed({ trainer, bank }, rows), metric: adapt.metric },
    adapt.cleaning,
  );
  const known = { enrolled, benchmark };
  const champion = await knownAccuracy(input, known);
  const { parts, trainings, withAll } = adapt;
  const fitted = await crossFit({ ...input, first, set, parts, trainings, withAll });
  const candidate = await knownAccuracy(input, known);

  const { judged, before, after, dimension } = fitted;
  const pairs = buildScorePairs(judged, input.options.scoring);
  const score = { dimension, metric: adapt.metric };
  const verdict = !fitted.changed
    ? unchanged(fitted)
    : judgeCandidate({
        pairs,
        champion: before,
        candidate: after,
        enrolment: bothKnown(champion.enrolled, candidate.enrolled),
        benchmark: bothKnown(champion.benchmark, candidate.benchmark),
        attempts: input.attempts,
        score,
        policy: adapt.gate,
      });
  const threshold =
    pairs && verdict.candidate
      ? matchedThreshold(input.championThreshold, { judged, before, after, dimension, metric: adapt.metric })
      : null;
  return { crossFit: fitted, verdict, threshold, cleaned };
}

type Known<T> = Readonly<Record<'enrolled' | 'benchmark', T>>;

/** Of the weights that the trainer holds; null where there is nothing to measure with. */
async function knownAccuracy(
  { trainer, adapt }: Pick<AdaptInput, 'trainer' | 'adapt'>,
  { enrolled, benchmark }: Known<Enrolled | null>,
): Promise<Known<number | null>> {
  const accuracy = async (of: Enrolled | null) => {
    if (!of) return null;
    const rows = of.identityIds.map((_, row) => row);
    return enrolmentFigure(await embedProbes(trainer, of.bank, rows), of, adapt.metric);
  };
  return { enrolled: await accuracy(enrolled), benchmark: await accuracy(benchmark) };
}

function bothKnown(champion: number | null, candidate: number | null): KnownAccuracy | null {
  return champion !== null && candidate !== null ? { champion, candidate } : null;
}

function enrolmentFigure(
  { values, dimension }: { readonly values: Float32Array; readonly dimension: number },
  { identityIds }: Enrolled,
  metric: Metric,
): number | null {
  const rows = identityIds.map((identityId, row) => ({
    identityId,
    embedding: values.subarray(row * dimension, (row + 1) * dimension),
  }));
  return enrolmentAccuracy(rows, metric);
}

/** Training found nothing better than where it began: there is no candidate to judge. */
function unchanged({ trainings }: CrossFit): GateVerdictReport {
  const reasons: Record<FineTuneResult['stopped'], string> = {
    finished: 'no state of the model during training scored better than the champion on the held-out tracks',
    'no-gain': 'no state of the model during training scored better than the champion on the held-out tracks',
    aborted: 'training was stopped before it found anything better',
    diverged: 'training went astray before it found anything better; lower the learning rate',
    'no-triplets': 'no two people were seen together, so there are no triplets',
  };
  const last = trainings.at(-1);
  const from = last?.baseScore == null ? '' : ` (${(last.baseScore * 100).toFixed(1)} %)`;
  return {
    passed: false,
    reason: `Not promoted: ${reasons[last?.stopped ?? 'no-triplets']}${from}.`,
    champion: null,
    candidate: null,
    gain: null,
  };
}

type Division = Pick<AdaptOptions, 'parts' | 'trainings' | 'withAll'>;

const holdOut: Division = { parts: 5, trainings: 1, withAll: false };
const everyPartOnce: Division = { parts: 3, trainings: 3, withAll: true };
/** Held-out tracks that can convince a gate that draws them anew; with fewer, it holds back what is better as well. */
const ENOUGH_JUDGES = 6;

/**
 * How a recording is divided that will not grow: where a hold-out would leave too few judges, every track teaches and judges, for four
 * times the compute. An edge has more tracks the next time, and keeps to the hold-out (docs/decisions/024).
 */
export function partsOfRecording({ tracks }: Pick<LearningSet, 'tracks'>): Division {
  return tracks.length / holdOut.parts < ENOUGH_JUDGES ? everyPartOnce : holdOut;
}

export const defaultAdaptOptions: Omit<AdaptOptions, 'metric'> = {
  ...holdOut,
  cleaning: { staticTracks: {}, mirrors: {}, jumps: null, mustLink: null },
  gate: {},
};
