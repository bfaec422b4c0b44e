import type { FeatureBank } from './fine-tune-types.ts';
import { fromHalf, toHalf } from './half.ts';

/** Features of many probes in memory as half floats: their noise is far below what training can see, and twice as many fit. */
export class FeatureStore implements FeatureBank {
  readonly sampleSize: number;
  readonly #rows: Uint16Array[] = [];

  constructor(sampleSize: number) {
    this.sampleSize = sampleSize;
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Adds `features.length / sampleSize` samples; returns the row of the first. */
  add(features: Float32Array): number {
    const first = this.#rows.length;
    for (let at = 0; at < features.length; at += this.sampleSize)
      this.#rows.push(toHalf(features.subarray(at, at + this.sampleSize)));
    return first;
  }

  read(rows: ArrayLike<number>): Float32Array {
    const out = new Float32Array(rows.length * this.sampleSize);
    for (let i = 0; i < rows.length; i++)
      fromHalf(this.#rows[rows[i]], out.subarray(i * this.sampleSize, (i + 1) * this.sampleSize));
    return out;
  }
}
