import type { TrainingHyperParameters } from '@saface/core';

/** One parameter's numbers, all of one length. */
export interface MomentumState {
  readonly weight: Float32Array;
  readonly velocity: Float32Array;
}

/** What moves it: the sum of its gradients since the last update, and the weights it is pulled towards. */
export interface MomentumForces {
  readonly sum: Float32Array;
  readonly base: Float32Array;
}

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * SGD with momentum, weight decay and a pull towards the base model (L2-SP):
 * v' = momentum v + scale * sum + weightDecay w + basePull (w - base), w' = w - learningRate v'.
 *
 * Written out here and not as an ONNX model: a dozen element-wise operators for each parameter go through memory a dozen times, and
 * small parameters cost more in waking threads than in arithmetic (docs/decisions/015).
 *
 * @param next receives v' and w'; the arrays of `now` stay as they are, so that an update that went astray can be thrown away
 * @returns whether the new weights are still numbers to count with: not so when one is not finite, or their squares add up to more than float32 holds
 */
export function momentumUpdate(
  { weight, velocity }: MomentumState,
  { sum, base }: MomentumForces,
  next: MomentumState,
  rates: Omit<TrainingHyperParameters, 'margin'> & { readonly scale: number },
): boolean {
  const { learningRate, momentum, weightDecay, basePull, scale } = rates;
  const [newWeight, newVelocity] = [next.weight, next.velocity];
  let squares = 0;
  for (let i = 0; i < weight.length; i++) {
    const w = weight[i]!;
    const v = momentum * velocity[i]! + scale * sum[i]! + weightDecay * w + basePull * (w - base[i]!);
    newVelocity[i] = v;
    const moved = w - learningRate * v;
    newWeight[i] = moved;
    squares += moved * moved;
  }
  return squares <= LARGEST_FLOAT32;
}
