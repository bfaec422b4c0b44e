import { floatData, floatTensor, type OrtSession } from './session.ts';

export interface BatchOptions {
  /** Values of one sample. */
  readonly sampleShape: readonly number[];
  /** Most samples in one run: bounds the memory a burst of faces takes. */
  readonly maxBatch: number;
  readonly count: number;
  /** The values of samples `start` (inclusive) to `end` (exclusive). */
  readonly samples: (start: number, end: number) => Float32Array;
}

/** Runs a one-input, one-output model over any number of samples and joins the results. */
export async function runInBatches(
  session: OrtSession,
  { sampleShape, maxBatch, count, samples }: BatchOptions,
): Promise<Float32Array> {
  const input = session.inputs[0]!.name;
  const output = session.outputs[0]!.name;
  let joined: Float32Array | undefined;
  for (let start = 0; start < count; start += maxBatch) {
    const end = Math.min(count, start + maxBatch);
    const results = await session.run({ [input]: floatTensor(samples(start, end), [end - start, ...sampleShape]) });
    const part = floatData(results[output], output);
    if (count === end - start) return part;
    joined ??= new Float32Array((part.length / (end - start)) * count);
    joined.set(part, (part.length / (end - start)) * start);
  }
  return joined ?? new Float32Array(0);
}
