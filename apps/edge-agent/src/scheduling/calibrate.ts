import type { Extractor, Gallery, Learner, RgbImage } from '@saface/core';

export interface RecognisingWith {
  readonly extractor: Extractor;
  readonly learner: Learner;
  /** Searched once for each probe, the most that recognition does: among thousands of people that takes as long as a light network. */
  readonly gallery: Pick<Gallery, 'dimension' | 'search'>;
}

/**
 * N_E, as probes per second: how fast this edge takes probes through extractor, learner and gallery in batches of `batch`. The best of
 * a few rounds is what the idle machine can do; the others were disturbed by something.
 */
export async function measureProbeRate(
  { extractor, learner, gallery }: RecognisingWith,
  { batch = 8, rounds = 4 }: { readonly batch?: number; readonly rounds?: number } = {},
): Promise<number> {
  const { size } = extractor.input;
  const crop: RgbImage = {
    width: size,
    height: size,
    data: new Uint8Array(size * size * 3).map((_, i) => (i * 37) % 251),
  };
  const crops = Array.from({ length: batch }, () => crop);
  const anybody = new Float32Array(gallery.dimension).fill(1);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await learner.embed(await extractor.extract(crops));
    for (let probe = 0; probe < batch; probe++) gallery.search(anybody);
    // The first round pays for memory that the others reuse.
    if (round > 0) best = Math.min(best, performance.now() - start);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (batch * 1000) / best;
}
