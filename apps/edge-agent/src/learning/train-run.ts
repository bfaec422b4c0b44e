import type { Logger } from '@saface/agent-kit';
import {
  adaptLearner,
  type CrossFit,
  createRandom,
  defaultAdaptOptions,
  embeddingDistance,
  embedProbes,
  type FeatureBank,
  type FineTuneOptions,
  fineTuneOptionsFor,
  generateTriplets,
  halfBank,
  type LearningSet,
  type LeftOut,
  type LeftOutReason,
  leftOutReasons,
  shuffle,
  stepsOf,
  subset,
  type Trainer,
  tripletsOf,
} from '@saface/core';
import { type Engine, engineId, openEngine } from '@saface/engine/engines/index';
import { branchedLike, decodeModel, normalizeModel } from '@saface/engine/onnx/index';
import { trainableParameters } from '@saface/engine/training/index';
import { loadVault } from '../control/vault.ts';
import { checkpointWriter } from './checkpoint-writer.ts';
import { type KnownFaces, RunFiles } from './run-files.ts';
import { stopwatch } from './stopwatch.ts';
import type { ExampleTriplet, TrainerNote, TrainerOrder } from './trainer-protocol.ts';

export interface TrainTools {
  readonly nextBatchSize: () => Promise<number>;
  readonly tell: (note: TrainerNote) => void;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

type TrainOrder = Extract<TrainerOrder, { kind: 'train' }>;

/** Probes looked at for the example pictures. */
const EXAMPLE_PROBES = 400;

/** One run from its folder to a judged candidate in the same folder; false when it was cancelled. Goes on from the last checkpoint. */
export async function train(order: TrainOrder, tools: TrainTools): Promise<boolean> {
  const files = new RunFiles(order.folder, order.runId, await loadVault(order.keyFile));
  if (await files.readResult()) return true;
  const dataset = await files.readDataset();
  const { set, sampleSize, enrolled, benchmark } = dataset;
  const known = (faces: KnownFaces | null | undefined) =>
    faces ? { bank: halfBank(faces.features, sampleSize), identityIds: faces.identityIds } : null;
  const bank = halfBank(dataset.features, sampleSize);
  const options = fineTuneOptionsFor(order.metric);
  const base = new Map(
    trainableParameters(normalizeModel(decodeModel(dataset.base))).map(({ name, data }) => [name, data]),
  );
  const engine = await openEngine(order.engine);
  const trainer = await engine.openTrainer({
    learner: branchedLike(base, dataset.parent),
    metric: order.metric,
    base,
    threads: order.threads,
  });
  try {
    if (order.examples > 0)
      tools.tell({ kind: 'examples', triplets: await exampleTriplets(trainer, { bank, set, order, options }) });
    const adaptation = await adaptLearner({
      trainer: metered(trainer, { threads: order.threads, engine }, tools),
      bank,
      set,
      options,
      adapt: { ...defaultAdaptOptions, metric: order.metric },
      enrolled: known(enrolled),
      benchmark: known(benchmark),
      championThreshold: order.championThreshold,
      attempts: order.attempts,
      nextBatchSize: tools.nextBatchSize,
      signal: tools.signal,
      resume: (await files.readCheckpoint()) ?? undefined,
      onProgress: ({ step, loss, activeShare, microBatch, score }) =>
        tools.tell({ kind: 'progress', step, loss, activeShare, microBatch, score }),
      onCheckpoint: checkpointWriter((state) => files.writeCheckpoint(state), tools.log),
    });
    if (tools.signal.aborted) return false;
    const { crossFit, verdict, threshold, cleaned } = adaptation;
    const { judged } = crossFit;
    const result = {
      verdict,
      threshold,
      judgedUntil: verdict.candidate && judged.probes.reduce((newest, { time }) => Math.max(newest, time), order.from),
      steps: stepsOf(crossFit),
      triplets: tripletsOf(crossFit),
      tracks: crossFit.tracks,
      engine: engineId(engine),
      hyperParameters: {
        ...flatten(options),
        parts: defaultAdaptOptions.parts,
        trainings: defaultAdaptOptions.trainings,
        ...describeChoice(crossFit),
      },
      leftOut: countLeftOut(cleaned.leftOut),
    };
    await files.writeResult(result, await trainer.export());
    return true;
  } finally {
    await trainer.dispose();
  }
}

/** The trainer, with every step's cost reported: what B_max is on this edge shows best while it trains. */
function metered(
  trainer: Trainer,
  { threads, engine }: { threads: number; engine: Engine },
  { tell }: TrainTools,
): Trainer {
  return {
    featureShape: trainer.featureShape,
    embed: (features) => trainer.embed(features),
    approach: (features, targets) => trainer.approach(features, targets),
    weights: () => trainer.weights(),
    load: (weights) => trainer.load(weights),
    rest: () => trainer.rest(),
    projected: (map) => trainer.projected(map),
    centred: (centring) => trainer.centred(centring),
    evening: () => trainer.evening(),
    export: () => trainer.export(),
    dispose: () => trainer.dispose(),
    async step(features, options) {
      const elapsed = stopwatch(threads, engine);
      const result = await trainer.step(features, options);
      const size = trainer.featureShape.reduce((product, n) => product * n, 3);
      tell({ kind: 'step-cost', triplets: features.length / size, milliseconds: elapsed(), threads });
      return result;
    },
  };
}

/** A few triplets as Algorithm 1 makes them with the champion, from some of the tracks, for people to look at. */
async function exampleTriplets(
  trainer: Trainer,
  of: { bank: FeatureBank; set: LearningSet; order: TrainOrder; options: FineTuneOptions },
): Promise<ExampleTriplet[]> {
  const { bank, order, options } = of;
  let budget = EXAMPLE_PROBES;
  const some = subset(of.set, (track) => {
    if (budget <= 0) return false;
    budget -= track.probes.length;
    return true;
  });
  const rows = some.probes.map((probe) => probe.row);
  const { values, dimension } = await embedProbes(trainer, bank, rows);
  const triplets = generateTriplets(some, values, { ...options.triplets, dimension });
  const chosen = shuffle([...triplets.anchor.keys()], createRandom(options.seed)).slice(0, order.examples);
  const embedding = (probe: number) => values.subarray(probe * dimension, (probe + 1) * dimension);
  return chosen.map((i) => {
    const [anchor, positive, negative] = [triplets.anchor[i]!, triplets.positive[i]!, triplets.negative[i]!];
    const distance = (other: number) => embeddingDistance(embedding(anchor), embedding(other), order.metric);
    return {
      anchor: rows[anchor]!,
      positive: rows[positive]!,
      negative: rows[negative]!,
      positiveDistance: distance(positive),
      negativeDistance: distance(negative),
    };
  });
}

const leftOutWords: Record<LeftOutReason, string> = {
  static: 'a face that never moves',
  mirror: 'a face that is in the picture twice',
  jump: 'a track in which one face becomes another',
};

/** How many tracks hygiene left out or cut, by reason. */
const countLeftOut = (leftOut: readonly LeftOut[]) =>
  leftOutReasons.flatMap((reason) => {
    const tracks = leftOut.filter((entry) => entry.reason === reason).length;
    return tracks > 0 ? [{ reason: leftOutWords[reason], tracks }] : [];
  });

/** What was measured, and chosen on the held-out tracks, in the words of provenance. */
function describeChoice({ trainings, choice }: CrossFit): Record<string, number | string> {
  const { whitening = null, centring = null } = choice ?? {};
  return {
    learningRate: trainings.reduce((sum, { peakRate }) => sum + peakRate, 0) / trainings.length,
    shareOfTheWay: choice?.share ?? 0,
    centring: centring ? `share ${centring.share}, evenness ${centring.evenness}` : 'as before',
    whitening: whitening
      ? `shrinkage ${whitening.shrinkage}, emphasis ${whitening.emphasis}, centring ${whitening.centring}`
      : 'none',
  };
}

/** As a flat record, for the version's provenance. */
function flatten(options: FineTuneOptions): Record<string, number | string | boolean> {
  // What was tried is the same for every version; what was chosen is told by `describeChoice`.
  const { triplets, centring: _, whitening: __, consistency: ___, ...rest } = options;
  const entries = Object.entries({ ...rest, ...triplets }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value]),
  );
}
