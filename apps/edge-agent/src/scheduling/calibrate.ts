import type { Extractor, Learner, RgbImage } from '@saface/core';

/**
 * N_E, as probes per second: how fast this edge takes probes through extractor and learner in batches of `batch`. The best of a few
 * rounds is what the idle machine can do; the others were disturbed by something.
 */
export async function measureProbeRate(
  models: { readonly extractor: Extractor; readonly learner: Learner },
  { batch = 8, rounds = 4 }: { readonly batch?: number; readonly rounds?: number } = {},
): Promise<number> {
  const { extractor, learner } = models;
  const { size } = extractor.input;
  const crop: RgbImage = {
    width: size,
    height: size,
    data: new Uint8Array(size * size * 3).map((_, i) => (i * 37) % 251),
  };
  const crops = Array.from({ length: batch }, () => crop);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await learner.embed(await extractor.extract(crops));
    // The first round pays for memory that the others reuse.
    if (round > 0) best = Math.min(best, performance.now() - start);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (batch * 1000) / best;
}
