import type { FeatureBank } from './fine-tune-types.ts';

/** Samples per call, so that features of a whole store are never in memory at once. */
const CHUNK = 64;

/** Embeddings of the given rows of a bank, row after row, with their dimension (0 when there are no rows). */
export async function embedProbes(
  embedder: { embed(features: Float32Array): Promise<Float32Array> },
  bank: FeatureBank,
  rows: readonly number[],
): Promise<{ values: Float32Array; dimension: number }> {
  let values = new Float32Array(0);
  let dimension = 0;
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.slice(start, start + CHUNK);
    const part = await embedder.embed(await bank.read(chunk));
    if (start === 0) {
      dimension = part.length / chunk.length;
      values = new Float32Array(rows.length * dimension);
    }
    values.set(part, start * dimension);
  }
  return { values, dimension };
}
