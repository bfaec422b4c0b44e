import { type FeatureBank, fromHalf } from '@saface/core';

/** Features of all probes in one array of half floats, as they lie in the file of the cache. */
export class HalfBank implements FeatureBank {
  readonly sampleSize: number;
  readonly #values: Uint16Array;

  constructor(values: Uint16Array, sampleSize: number) {
    this.#values = values;
    this.sampleSize = sampleSize;
  }

  read(rows: ArrayLike<number>): Float32Array {
    const out = new Float32Array(rows.length * this.sampleSize);
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i] * this.sampleSize;
      fromHalf(
        this.#values.subarray(from, from + this.sampleSize),
        out.subarray(i * this.sampleSize, (i + 1) * this.sampleSize),
      );
    }
    return out;
  }
}
