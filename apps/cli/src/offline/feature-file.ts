import { type FeatureBank, fromHalf, toHalf } from '@saface/core';
import { SealedRecords } from './sealed-records.ts';

/** Features of any number of probes on disk, as half floats. */
export class FeatureFile implements FeatureBank {
  readonly sampleSize: number;
  readonly #records: SealedRecords;

  private constructor(records: SealedRecords, sampleSize: number) {
    this.#records = records;
    this.sampleSize = sampleSize;
  }

  /** As `SealedRecords.create`. */
  static async create(dir: string, sampleSize: number): Promise<FeatureFile> {
    return new FeatureFile(await SealedRecords.create(dir, 2 * sampleSize), sampleSize);
  }

  get size(): number {
    return this.#records.size;
  }

  /** Adds `features.length / sampleSize` samples. @throws SafaceError `exhausted` when the disk is full */
  async add(features: Float32Array): Promise<void> {
    const halves = toHalf(features);
    const sample = (i: number) => new Uint8Array(halves.buffer, 2 * i * this.sampleSize, 2 * this.sampleSize);
    await this.#records.add(Array.from({ length: features.length / this.sampleSize }, (_, i) => sample(i)));
  }

  async read(rows: ArrayLike<number>): Promise<Float32Array> {
    const out = new Float32Array(rows.length * this.sampleSize);
    for (let i = 0; i < rows.length; i++) {
      const { buffer, byteOffset } = await this.#records.read(rows[i]);
      fromHalf(new Uint16Array(buffer, byteOffset, this.sampleSize), out.subarray(i * this.sampleSize));
    }
    return out;
  }

  async dispose(): Promise<void> {
    await this.#records.dispose();
  }
}
