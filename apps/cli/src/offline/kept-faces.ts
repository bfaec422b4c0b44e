import type { AlteredCopies, Extractor, FeatureBank, RgbImage } from '@saface/core';
import { alteredCopies } from './altered-crops.ts';
import { FeatureFile } from './feature-file.ts';
import { SealedRecords } from './sealed-records.ts';

interface Files {
  readonly features: FeatureFile;
  /** Null where nothing is to learn from them. */
  readonly crops: SealedRecords | null;
}

export interface KeptFacesOptions {
  readonly extractor: Extractor;
  /** Side of a crop, pixels. */
  readonly side: number;
  /** Whether crops are kept beside their features, to alter and learn from. */
  readonly crops: boolean;
}

/** What of a video's faces lies on disk meanwhile. */
export class KeptFaces {
  readonly #extractor: Extractor;
  readonly #side: number;
  readonly #files: Files;

  private constructor({ extractor, side }: KeptFacesOptions, files: Files) {
    this.#extractor = extractor;
    this.#side = side;
    this.#files = files;
  }

  /** @throws SafaceError `exhausted` */
  static async create(dir: string, options: KeptFacesOptions): Promise<KeptFaces> {
    const sampleSize = options.extractor.featureShape.reduce((a, b) => a * b, 1);
    const features = await FeatureFile.create(dir, sampleSize);
    const crops = options.crops ? await SealedRecords.create(dir, options.side ** 2 * 3) : null;
    return new KeptFaces(options, { features, crops });
  }

  get features(): FeatureBank {
    return this.#files.features;
  }

  get altered(): AlteredCopies | null {
    const { crops } = this.#files;
    const side = this.#side;
    return (
      crops &&
      alteredCopies(this.#extractor, async (row) => ({ width: side, height: side, data: await crops.read(row) }))
    );
  }

  /** Adds these crops, in their order. @throws SafaceError `exhausted` when the disk is full */
  async add(crops: readonly RgbImage[]): Promise<void> {
    await this.#files.features.add(await this.#extractor.extract(crops));
    await this.#files.crops?.add(crops.map(({ data }) => data));
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#files.features.dispose(), this.#files.crops?.dispose()]);
  }
}
