import {
  type AlteredCopies,
  CopiedProbes,
  copiesIn,
  type Extractor,
  type RgbImage,
  type StoredProbe,
  TrackStore,
} from '@saface/core';
import { ALTERED_COPIES, alteredCopies } from '@saface/engine';
import { FeatureFile } from './feature-file.ts';

/** A face, by its row among all that were seen. */
interface CopiedFace extends Omit<StoredProbe<number>, 'ref'> {
  readonly row: number;
  readonly frame: number;
  readonly time: number;
}

/** Altered copies of some faces of each track, with their features on disk; learning needs them, and the crops are gone by then. */
export class CopiedFaces {
  readonly #extractor: Extractor;
  readonly #file: FeatureFile;
  readonly #tracks = new Map<number, CopiedProbes>();
  /** Thins long tracks as learning will: of what it lets go, copies would be made for nothing. */
  readonly #held = new TrackStore<number>({ maxProbes: Number.POSITIVE_INFINITY });
  /** First sample of a row's copies. */
  readonly #starts = new Map<number, number>();

  private constructor(extractor: Extractor, file: FeatureFile) {
    this.#extractor = extractor;
    this.#file = file;
  }

  /** @throws SafaceError `exhausted` */
  static async create(dir: string, extractor: Extractor): Promise<CopiedFaces> {
    const sampleSize = extractor.featureShape.reduce((a, b) => a * b, 1);
    return new CopiedFaces(extractor, await FeatureFile.create(dir, sampleSize));
  }

  /** The next face of a track: copied or passed over. @throws SafaceError `exhausted` when the disk is full */
  async add(crop: RgbImage, { row, frame, time, ...probe }: CopiedFace): Promise<void> {
    const track = this.#tracks.get(probe.trackId) ?? new CopiedProbes();
    this.#tracks.set(probe.trackId, track);
    const released = this.#held.addFrame({ stream: 'video', frame, time, probes: [{ ...probe, ref: row }] });
    track.release(released);
    for (const gone of released) this.#starts.delete(gone);
    if (released.includes(row) || !track.take(row)) return;
    this.#starts.set(row, this.#file.size);
    await this.#file.add(await this.#extractor.extract(alteredCopies(crop, row)));
  }

  get copies(): AlteredCopies {
    const rows = [...this.#tracks.values()].flatMap((track) => track.rows);
    return copiesIn(this.#file, { rows, starts: rows.map((row) => this.#starts.get(row)!), kinds: ALTERED_COPIES });
  }

  async dispose(): Promise<void> {
    await this.#file.dispose();
  }
}
