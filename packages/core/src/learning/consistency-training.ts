import { TrainingDivergedError } from '../errors.ts';
import { createRandom } from '../evaluation/random.ts';
import type { Approach } from '../ports.ts';
import { RelativeAdam } from './adam.ts';
import { type AlteredCopies, type CopiedFaces, copiedFaces } from './altered-copies.ts';
import { embedProbes } from './embed.ts';
import type { FineTuneInput } from './fine-tune-types.ts';
import { granted } from './pace.ts';
import { rateAt } from './rate-schedule.ts';
import { allFinite, copyWeights, weightsAreFinite } from './weights.ts';

/** How a learner is taught to make of one look at a face what looks at all of its copies would have made (docs/decisions/041). */
export interface ConsistencyOptions {
  readonly steps: number;
  /** Looks at a face for each step. */
  readonly batch: number;
  /** The most that a step moves a weight, about, as a share of what its tensor's weights are like. */
  readonly rate: number;
}

export type ConsistencyInput = Pick<
  FineTuneInput,
  'trainer' | 'bank' | 'training' | 'copies' | 'options' | 'nextBatchSize' | 'signal' | 'onConsistency'
>;

/** Steps until the rate is at its highest, and what is left of it in the end. */
const SCHEDULE = { warmUpSteps: 10, finalRate: 0.1 };

/**
 * Teaches the learner, without a label, a track or a second person, that an altered copy of a face is the same face: each look, at the
 * face or a copy of it, is drawn to the mean of the embeddings of all of them as they were before. Those means stay where they are, so nothing
 * can collapse. On return the trainer holds the new weights; those from before where too few faces have copies, their embeddings are no numbers,
 * the run was stopped, or the weights went astray.
 *
 * @returns the number of updates
 */
export async function trainConsistency(input: ConsistencyInput): Promise<number> {
  const { trainer, copies, training, options } = input;
  const { consistency } = options;
  const faces = copies && consistency && copiedFaces(copies, training);
  if (!faces) return 0;
  const first = await trainer.weights();
  const lesson = await lookAt(input, copies, faces);
  if (!lesson.targets.every(allFinite)) return 0;
  if (await learnt(input, lesson, consistency)) return consistency.steps;
  await trainer.load(first);
  return 0;
}

/** False when the run was stopped, or the weights went astray. */
async function learnt(input: ConsistencyInput, lesson: Lesson, consistency: ConsistencyOptions): Promise<boolean> {
  const { trainer, options } = input;
  const weights = copyWeights(await trainer.weights());
  const adam = new RelativeAdam(weights);
  const random = createRandom(options.seed * 6151 + 7);
  for (let step = 0; step < consistency.steps; step++) {
    const looks = Array.from({ length: consistency.batch }, () => Math.floor(random() * lesson.targets.length));
    const found = await approach(input, lesson, looks);
    if (found === null) return false;
    const rate = rateAt(step, consistency.steps, { ...SCHEDULE, learningRate: consistency.rate });
    adam.update(weights, found.gradient, rate);
    if (!weightsAreFinite(weights)) return false;
    await trainer.load(weights);
    input.onConsistency?.({ step: step + 1, totalSteps: consistency.steps, loss: found.loss });
  }
  return true;
}

interface Lesson {
  /** All looks at all faces: features of look i, and where it is drawn to. */
  read(look: number): Promise<Float32Array>;
  readonly targets: readonly Float32Array[];
}

/** All looks at the faces, one kind after another, with the mean of all looks at a face for a target. */
async function lookAt(
  { trainer, bank, options }: ConsistencyInput,
  copies: AlteredCopies,
  { rows, samples }: CopiedFaces,
): Promise<Lesson> {
  const views = [{ bank, at: rows }, ...copies.banks.map((own) => ({ bank: own, at: samples }))];
  const means = rows.map(() => new Float32Array(0));
  for (const view of views) {
    const { values, dimension } = await embedProbes(trainer, view.bank, view.at);
    for (const [face, mean] of means.entries()) {
      const own = values.subarray(face * dimension, (face + 1) * dimension);
      const length = options.triplets.metric === 'cosine' ? Math.hypot(...own) || 1 : 1;
      if (mean.length === 0) means[face] = new Float32Array(dimension);
      for (let d = 0; d < dimension; d++) means[face]![d]! += own[d]! / length / views.length;
    }
  }
  return {
    read: async (look) => {
      const view = views[Math.floor(look / rows.length)]!;
      return view.bank.read([view.at[look % rows.length]!]);
    },
    targets: views.flatMap(() => means),
  };
}

/** The mean gradient of some looks, gathered at the scheduler's pace; null when the run was stopped, or embeddings are no numbers any more. */
async function approach(
  input: ConsistencyInput,
  { read, targets }: Lesson,
  looks: readonly number[],
): Promise<Approach | null> {
  const gradient = new Map<string, Float32Array>();
  let loss = 0;
  for (let done = 0; done < looks.length; ) {
    // A triplet is three looks.
    const triplets = await granted(input, Math.ceil((looks.length - done) / 3));
    if (triplets === null) return null;
    const some = looks.slice(done, done + 3 * triplets);
    done += some.length;
    const features = joined(await Promise.all(some.map(read)));
    const part = await input.trainer
      .approach(features, joined(some.map((look) => targets[look]!)))
      .catch(nullIfDiverged);
    if (part === null) return null;
    const share = some.length / looks.length;
    loss += share * part.loss;
    for (const [name, slopes] of part.gradient) {
      const sum = gradient.get(name) ?? new Float32Array(slopes.length);
      for (let i = 0; i < sum.length; i++) sum[i]! += share * slopes[i]!;
      gradient.set(name, sum);
    }
  }
  return { loss, gradient };
}

function nullIfDiverged(error: unknown): null {
  if (error instanceof TrainingDivergedError) return null;
  throw error;
}

/** Of the same length each. */
function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.length * parts[0]!.length);
  for (const [i, part] of parts.entries()) all.set(part, i * part.length);
  return all;
}
