export interface BatchOptions {
  /** Most samples in one run: bounds the memory a burst of faces takes. */
  readonly maxBatch: number;
  readonly count: number;
  /** Computes samples `start` (inclusive) to `end` (exclusive). */
  readonly run: (start: number, end: number) => Promise<Float32Array>;
}

/** Computes any number of samples, so many at a time, and joins the results. */
export async function runInBatches({ maxBatch, count, run }: BatchOptions): Promise<Float32Array> {
  let joined: Float32Array | undefined;
  for (let start = 0; start < count; start += maxBatch) {
    const end = Math.min(count, start + maxBatch);
    const part = await run(start, end);
    if (count === end - start) return part;
    joined ??= new Float32Array((part.length / (end - start)) * count);
    joined.set(part, (part.length / (end - start)) * start);
  }
  return joined ?? new Float32Array(0);
}
