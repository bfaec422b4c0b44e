import { embedProbes } from './embed.ts';
import type { FineTuneInput } from './fine-tune-types.ts';
import { copyWeights, sameWeights, type Weights } from './weights.ts';

/**
 * Embeddings under the weights that a run begins with. Cleaning, the first pass, what was served and what can be done to it in closed
 * form all ask for them, and on a busy edge each time would take minutes: so a probe is embedded once, and kept as long as the run lasts.
 */
export class FirstEmbeddings {
  readonly #weights: Weights;
  readonly #rows = new Map<number, Float32Array>();

  constructor(weights: Weights) {
    this.#weights = copyWeights(weights);
  }

  /** Like `embedProbes`, under whatever weights the trainer holds; what is kept is used where they are the first ones. */
  async embed(
    { trainer, bank }: Pick<FineTuneInput, 'trainer' | 'bank'>,
    rows: readonly number[],
  ): Promise<{ values: Float32Array; dimension: number }> {
    if (!sameWeights(this.#weights, await trainer.weights())) return embedProbes(trainer, bank, rows);
    const missing = [...new Set(rows)].filter((row) => !this.#rows.has(row));
    const made = await embedProbes(trainer, bank, missing);
    missing.forEach((row, i) => {
      this.#rows.set(row, made.values.slice(i * made.dimension, (i + 1) * made.dimension));
    });
    const dimension = rows.length > 0 ? this.#rows.get(rows[0]!)!.length : 0;
    const values = new Float32Array(rows.length * dimension);
    for (const [i, row] of rows.entries()) values.set(this.#rows.get(row)!, i * dimension);
    return { values, dimension };
  }
}
