import {
  type AlteredCopies,
  buildLearningSet,
  type Enrolled,
  type FeatureBank,
  type LearningSet,
  type RgbImage,
  type Trainer,
} from '@saface/core';
import { benchmarkFaces, createOrtExtractor, createOrtTrainer } from '@saface/engine';
import { env } from '../env.ts';
import { type VerificationFigures, verify } from '../offline/evaluate.ts';
import { type CutWish, type ExperimentModel, type ModelName, openModel } from './models.ts';
import { COPIES_VERSION, copyFeatures, probeCrops, probeFeatures } from './probe-features.ts';
import { openScene, type SceneName } from './scenes.ts';
import { type Sighting, sight } from './sighting.ts';

/** The paper's split by time: five parts to learn from, the sixth to test on. */
const LEARNING_SHARE = 5 / 6;

/** One recogniser on one video: what learning may see, and how a learner is measured. */
export interface Cell {
  readonly model: ExperimentModel;
  readonly sighting: Sighting;
  readonly bank: FeatureBank;
  /** Faces that the base model knows; null for models of anything but faces. */
  readonly benchmark: Enrolled | null;
  /** Tracks of the first five sixths. */
  readonly set: LearningSet;
  /** First frame of the last sixth, which learning never sees. */
  readonly testFrom: number;
  /** Tracks of that last sixth. */
  readonly unseen: LearningSet;
  /** Verification on the last sixth with the labels, of the weights that `embedder` holds now. */
  measure(embedder: Pick<Trainer, 'embed'>): Promise<VerificationFigures>;
  /** Aligned crops of some probes, in the order of `rows`. */
  crops(rows: readonly number[]): Promise<RgbImage[]>;
  /** Learnt from as `saface run --learn` does; else the cell stands for a camera of an edge. */
  readonly isRecording: boolean;
  /** Altered copies of some probes. */
  copies(): Promise<AlteredCopies>;
}

export interface CellPlan {
  readonly scene: SceneName;
  readonly world: number;
  readonly model: ModelName;
  /** Default: see `usualCut`. */
  readonly cut?: number;
}

/** The real video is a recording and learnt from as `saface run --learn` does; simulated scenes stand for cameras of an edge. */
function isRecording(scene: SceneName): boolean {
  return scene === 'portal';
}

/** What a plan says of the altered copies that it is learnt from with; undefined = without. */
export function copiesPlanned(scene: SceneName, change: { readonly copies?: boolean } = {}): number | undefined {
  return (change.copies ?? isRecording(scene)) ? COPIES_VERSION : undefined;
}

export function usualCut(scene: SceneName): CutWish | undefined {
  return isRecording(scene) ? 'recording' : undefined;
}

export async function openCell({ scene, world, model: name, cut }: CellPlan): Promise<Cell> {
  const model = await openModel(name, cut ?? usualCut(scene));
  const sighting = await sight(await openScene(scene, world));
  const bank = await probeFeatures(sighting, model);
  const testFrom = Math.round(sighting.frames * LEARNING_SHARE);
  return {
    model,
    sighting,
    bank,
    benchmark: await benchmarkOf(model),
    testFrom,
    set: learningSetOf(sighting, { from: 0, to: testFrom }),
    unseen: learningSetOf(sighting, { from: testFrom, to: sighting.frames }),
    measure: (embedder) =>
      verify({ probes: sighting.probes, features: bank }, sighting.labels, {
        learner: embedder,
        spec: model.spec,
        fromFrame: testFrom,
      }),
    crops: (rows) => probeCrops(sighting, model.spec, rows),
    isRecording: isRecording(scene),
    copies: () => copyFeatures(sighting, model),
  };
}

async function benchmarkOf({ extractor, spec }: ExperimentModel): Promise<Enrolled | null> {
  const opened = await createOrtExtractor(extractor, { input: spec.input, threads: env.threads });
  try {
    return await benchmarkFaces(opened, spec.alignment);
  } finally {
    await opened.dispose();
  }
}

/** The tracks within frames `from` (included) to `to` (not); labels do not enter. */
export function learningSetOf({ probes }: Sighting, { from, to }: { from: number; to: number }): LearningSet {
  // Rows of the bank are positions of all probes; a set's rows count what it was built from.
  const first = probes.findIndex(({ frame }) => frame >= from);
  if (first < 0) return { probes: [], tracks: [] };
  const seen = probes.slice(first).filter(({ frame }) => frame < to);
  const set = buildLearningSet(
    seen.map(({ trackId, frame, time, quality, box }) => ({
      trackKey: String(trackId),
      frameKey: String(frame),
      frame,
      time,
      quality,
      box,
    })),
  );
  return { ...set, probes: set.probes.map((probe) => ({ ...probe, row: probe.row + first })) };
}

/** A trainer that begins with `weights` (default: the base model's) and is pulled towards the base model. */
export async function openTrainer(
  { learner, spec }: Pick<ExperimentModel, 'learner' | 'spec'>,
  weights?: ReadonlyMap<string, Float32Array>,
): Promise<Trainer> {
  const trainer = await createOrtTrainer({ learner, threads: env.threads, metric: spec.metric });
  if (weights) await trainer.load(weights);
  return trainer;
}
