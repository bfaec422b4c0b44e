import type { TrainingHyperParameters } from '@saface/core';
import { createRandom } from '@saface/core';
import { openEngine } from '@saface/engine/engines/index';
import { sampleSizeOf } from '../recognition/models.ts';
import { IDLE_HANDFUL } from '../scheduling/scheduler.ts';
import { stopwatch } from './stopwatch.ts';
import type { StepCost, TrainerOrder } from './trainer-protocol.ts';

const ROUNDS = 3;
/** Harmless: the weights are thrown away. */
const options: TrainingHyperParameters & { apply: boolean } = {
  learningRate: 1e-6,
  momentum: 0,
  weightDecay: 0,
  basePull: 0,
  // No distance satisfies it, so that none of the triplets is passed by.
  margin: 1e3,
  apply: true,
};

/** What `IDLE_HANDFUL` triplets cost an idle edge, with features of noise: B_max of section 4.3 is an interval divided by it. */
export async function calibrate(order: Extract<TrainerOrder, { kind: 'calibrate' }>): Promise<StepCost> {
  const engine = await openEngine(order.engine);
  const trainer = await engine.openTrainer(order);
  const random = createRandom(1);
  const features = Float32Array.from({ length: 3 * IDLE_HANDFUL * sampleSizeOf(trainer.featureShape) }, () => random());
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round++) {
    const elapsed = stopwatch(order.threads, engine);
    await trainer.step(features, options);
    // The first round pays for memory that the others reuse.
    if (round > 0) best = Math.min(best, elapsed());
  }
  await trainer.dispose();
  return { triplets: IDLE_HANDFUL, milliseconds: best, threads: order.threads };
}
