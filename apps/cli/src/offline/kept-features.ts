import type { AlteredCopies, Extractor, FeatureBank, RgbImage } from '@saface/core';
import { alterCrop } from '@saface/engine';
import { FeatureFile } from './feature-file.ts';

/** Features of a video's probes on disk, and where something is to learn from them those of altered copies, too. */
export class KeptFeatures {
  readonly #extractor: Extractor;
  readonly #seen: FeatureFile;
  readonly #altered: FeatureFile | null;

  private constructor(extractor: Extractor, files: { seen: FeatureFile; altered: FeatureFile | null }) {
    this.#extractor = extractor;
    this.#seen = files.seen;
    this.#altered = files.altered;
  }

  /** @throws SafaceError `exhausted` as `FeatureFile.create` */
  static async create(dir: string, of: { extractor: Extractor; altered: boolean }): Promise<KeptFeatures> {
    const sampleSize = of.extractor.featureShape.reduce((a, b) => a * b, 1);
    const seen = await FeatureFile.create(dir, sampleSize);
    return new KeptFeatures(of.extractor, {
      seen,
      altered: of.altered ? await FeatureFile.create(dir, sampleSize) : null,
    });
  }

  get seen(): FeatureBank {
    return this.#seen;
  }

  get altered(): AlteredCopies | null {
    return this.#altered && { copies: 1, bank: this.#altered };
  }

  /** Adds the features of these crops, in their order. @throws SafaceError `exhausted` when the disk is full */
  async add(crops: readonly RgbImage[]): Promise<void> {
    const first = this.#seen.size;
    await this.#seen.add(await this.#extractor.extract(crops));
    if (this.#altered === null) return;
    const copies = crops.map((crop, i) => alterCrop(crop, { seed: first + i }));
    await this.#altered.add(await this.#extractor.extract(copies));
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#seen.dispose(), this.#altered?.dispose()]);
  }
}
