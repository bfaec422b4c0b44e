import type { Logger } from '@saface/agent-kit';
import { describeError, type OutboxItem, type RgbImage } from '@saface/core';
import { encodeJpeg } from '@saface/engine/faces/image';
import type { ExampleTriplet } from './trainer-protocol.ts';

export interface TripletPicturesOptions {
  readonly add: (item: OutboxItem) => Promise<void>;
  /** False when the run has ended without a version: it shows nobody any more. */
  readonly mayShow: (runId: string) => boolean;
  readonly log: Logger;
}

/** Pictures of a run's probes, held in memory until the trainer has said which it would like to show. */
export class TripletPictures {
  readonly #options: TripletPicturesOptions;
  readonly #pictures = new Map<string, readonly RgbImage[]>();

  constructor(options: TripletPicturesOptions) {
    this.#options = options;
  }

  /** @param pictures by row of the run's data set */
  keep(runId: string, pictures: readonly RgbImage[]): void {
    this.#pictures.set(runId, pictures);
  }

  has(runId: string): boolean {
    return this.#pictures.has(runId);
  }

  drop(runId: string): void {
    this.#pictures.delete(runId);
  }

  async send(runId: string, triplets: readonly ExampleTriplet[]): Promise<void> {
    const { add, mayShow, log } = this.#options;
    const pictures = this.#pictures.get(runId);
    this.drop(runId);
    if (!pictures || triplets.length === 0) return;
    try {
      const jpeg = async (row: number) =>
        Buffer.from(await encodeJpeg(pictures[row]!, { quality: 80 })).toString('base64');
      const payload = await Promise.all(
        triplets.map(async ({ anchor, positive, negative, positiveDistance, negativeDistance }) => ({
          anchor: await jpeg(anchor),
          positive: await jpeg(positive),
          negative: await jpeg(negative),
          positiveDistance,
          negativeDistance,
        })),
      );
      // It may have been cancelled meanwhile, and its end deletes only examples that came before it.
      if (mayShow(runId))
        await add({ id: `triplets-${runId}`, kind: 'triplet-pictures', payload: { runId, triplets: payload } });
    } catch (error) {
      log.warn({ runId, error: describeError(error) }, 'the triplet pictures could not be made');
    }
  }
}
