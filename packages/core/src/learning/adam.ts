import type { Weights } from './weights.ts';

/** How much of the past the means of gradients and of their squares keep at each step. */
const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.999;
/** Weights that are all about 0, as offsets often are, would never move by shares of their size. */
const LEAST_SIZE = 1e-3;

/**
 * Adam, with steps as shares of what each tensor's weights are like (their root mean square at the beginning): what is gentle for one
 * recogniser is gentle for another, however its layers are scaled.
 */
export class RelativeAdam {
  readonly #tensors: ReadonlyMap<string, { size: number; mean: Float32Array; square: Float32Array }>;
  #steps = 0;

  constructor(weights: Weights) {
    this.#tensors = new Map(
      [...weights].map(([name, values]) => [
        name,
        {
          size: Math.max(LEAST_SIZE, rootMeanSquare(values)),
          mean: new Float32Array(values.length),
          square: new Float32Array(values.length),
        },
      ]),
    );
  }

  /**
   * Moves weights against a gradient, in place; those that it does not name stay.
   * @param rate the most that a weight moves, about, as a share of its tensor's size
   */
  update(weights: Weights, gradient: Weights, rate: number): void {
    this.#steps += 1;
    const [seen, seenSquares] = [1 - MEAN_DECAY ** this.#steps, 1 - SQUARE_DECAY ** this.#steps];
    for (const [name, slopes] of gradient) {
      const { size, mean, square } = this.#tensors.get(name)!;
      const values = weights.get(name)!;
      const step = (rate * size) / seen;
      for (let i = 0; i < slopes.length; i++) {
        const slope = slopes[i]!;
        mean[i] = MEAN_DECAY * mean[i]! + (1 - MEAN_DECAY) * slope;
        square[i] = SQUARE_DECAY * square[i]! + (1 - SQUARE_DECAY) * slope * slope;
        values[i]! -= (step * mean[i]!) / (Math.sqrt(square[i]! / seenSquares) + 1e-12);
      }
    }
  }
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum / Math.max(1, values.length));
}
