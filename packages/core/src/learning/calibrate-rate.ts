import { embeddingDistance, type Metric } from '../recognition/gallery.ts';
import { embedProbes } from './embed.ts';
import type { FineTuneInput } from './fine-tune.ts';
import { distanceScale, quantile } from './track-distances.ts';
import type { Triplets } from './triplets.ts';
import { copyWeights } from './weights.ts';

/** Probes whose embeddings are watched while the rate is measured. */
const WATCHED = 64;
/** Triplets of the trial step: enough that their gradient is not one triplet's. */
const TRIAL = 96;
/** The measured rate stays within this factor of the nominal one. */
const FARTHEST = 100;

/**
 * The learning rate at which one plain gradient step moves embeddings by `share` of what lies between different people.
 *
 * A rate says nothing across architectures: what is gentle for one network takes another apart, because weights, their
 * number and the embedding's scale differ. How far faces move does say something. One trial step at the nominal rate
 * measures it, and the weights are put back.
 *
 * @returns the nominal rate where nothing can be measured: no two people seen together, or no gradient.
 */
export async function calibrateRate(
  input: Pick<FineTuneInput, 'trainer' | 'bank' | 'training' | 'options' | 'nextBatchSize' | 'signal'>,
  triplets: Triplets,
  share: number,
): Promise<number> {
  const { trainer, bank, training, options } = input;
  const nominal = options.learningRate;
  const weights = copyWeights(await trainer.weights());
  const rows = training.probes.map((p) => p.row);
  const metric = options.triplets.metric ?? 'euclidean';
  const before = await embedProbes(trainer, bank, rows);
  const apart = quantile(distanceScale(training, { ...before, metric }).between, 0.5);
  if (!apart || triplets.anchor.length === 0) return nominal;
  const watched = rows.filter((_, i) => i % Math.ceil(rows.length / WATCHED) === 0);
  const watchedBefore = await embedProbes(trainer, bank, watched);
  let rate = nominal;
  // A step far too large says little about a small one: then a second, smaller one is tried.
  for (let trial = 0; trial < 2; trial++) {
    const stepped = await trialStep(input, triplets, rate);
    if (!stepped) return rate;
    const after = await embedProbes(trainer, bank, watched);
    await trainer.load(weights);
    const moved = medianShift(watchedBefore, after, metric) / apart;
    if (moved === 0) return nominal;
    const wanted = Number.isFinite(moved) ? (rate * share) / moved : rate / FARTHEST;
    rate = Math.min(nominal * FARTHEST, Math.max(nominal / FARTHEST, wanted));
    if (moved < 5 * share) break;
  }
  return rate;
}

/** One update of plain gradient descent, gathered at the scheduler's pace; false when training was stopped meanwhile. */
async function trialStep(
  { trainer, bank, training, options, nextBatchSize, signal }: Parameters<typeof calibrateRate>[0],
  triplets: Triplets,
  learningRate: number,
): Promise<boolean> {
  const count = Math.min(TRIAL, triplets.anchor.length);
  for (let done = 0; done < count; ) {
    const allowed = nextBatchSize ? Math.floor(await nextBatchSize()) : options.targetBatch;
    if (signal?.aborted) return false;
    if (!(allowed > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      continue;
    }
    const end = Math.min(count, done + allowed);
    const rows = [triplets.anchor, triplets.positive, triplets.negative].flatMap((part) =>
      Array.from(part.subarray(done, end), (p) => training.probes[p]!.row),
    );
    done = end;
    const plain = { ...options, learningRate, momentum: 0, weightDecay: 0, basePull: 0 };
    await trainer.step(await bank.read(rows), { ...plain, apply: done === count });
  }
  return true;
}

function medianShift(
  before: { readonly values: Float32Array; readonly dimension: number },
  after: { readonly values: Float32Array },
  metric: Metric,
): number {
  const { dimension } = before;
  const shifts = Float64Array.from({ length: before.values.length / dimension }, (_, i) => {
    const row = (values: Float32Array) => values.subarray(i * dimension, (i + 1) * dimension);
    return embeddingDistance(row(before.values), row(after.values), metric);
  });
  return quantile(shifts.sort(), 0.5) ?? 0;
}
