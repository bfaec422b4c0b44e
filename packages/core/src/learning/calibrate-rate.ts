import type { FineTuneInput } from './fine-tune-types.ts';
import { granted } from './pace.ts';
import type { Triplets } from './triplets.ts';
import { copyWeights, type Weights } from './weights.ts';

/** Triplets of the trial step: enough that their gradient is not one triplet's. */
const TRIAL = 96;
/** The measured rate stays within this factor of the nominal one. */
const FARTHEST = 1000;

/**
 * The learning rate at which one plain gradient step takes `share` of the loss away, to first order: share * loss / |gradient|^2,
 * both of triplets that violate the margin.
 *
 * A rate says nothing across architectures: 0.002 is gentle for face-api's ResNet and takes a MobileFaceNet apart, whose
 * gradient is longer and whose loss is smaller. One trial step measures both, and is undone.
 *
 * @returns the nominal rate where nothing can be measured: no triplet violates the margin, or there is no gradient.
 */
export async function calibrateRate(
  input: Pick<FineTuneInput, 'trainer' | 'bank' | 'training' | 'options' | 'nextBatchSize' | 'signal'>,
  triplets: Triplets,
  share: number,
): Promise<number> {
  const { trainer, options } = input;
  const nominal = options.learningRate;
  const before = copyWeights(await trainer.weights());
  const trial = await trialStep(input, triplets);
  const gradient = squaredDistance(before, await trainer.weights()) / nominal ** 2;
  await trainer.load(before);
  await trainer.rest();
  if (trial.active === 0 || !(gradient > 0) || !Number.isFinite(gradient)) return nominal;
  const wanted = (share * trial.loss) / trial.active / gradient;
  return Math.min(nominal * FARTHEST, Math.max(nominal / FARTHEST, wanted));
}

/** One update of plain gradient descent, gathered at the scheduler's pace; sums over its triplets, none when it was stopped. */
async function trialStep(
  input: Parameters<typeof calibrateRate>[0],
  triplets: Triplets,
): Promise<{ loss: number; active: number }> {
  const { trainer, bank, training, options } = input;
  const count = Math.min(TRIAL, triplets.anchor.length);
  const stride = triplets.anchor.length / Math.max(1, count);
  const sum = { loss: 0, active: 0 };
  for (let done = 0; done < count; ) {
    const allowed = await granted(input, options.targetBatch);
    if (allowed === null) return { loss: 0, active: 0 };
    const end = Math.min(count, done + allowed);
    const rows = [triplets.anchor, triplets.positive, triplets.negative].flatMap((part) =>
      Array.from({ length: end - done }, (_, i) => training.probes[part[Math.floor((done + i) * stride)]!]!.row),
    );
    const plain = { ...options, momentum: 0, weightDecay: 0, basePull: 0 };
    const { loss, active } = await trainer.step(await bank.read(rows), { ...plain, apply: end === count });
    sum.loss += loss * (end - done);
    sum.active += active;
    done = end;
  }
  return sum;
}

function squaredDistance(a: Weights, b: Weights): number {
  let sum = 0;
  for (const [name, values] of a) {
    const others = b.get(name)!;
    for (let i = 0; i < values.length; i++) sum += (values[i]! - others[i]!) ** 2;
  }
  return sum;
}
