import { describeError } from '@saface/core';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { answerParent } from '../runtime/child.ts';
import type { ProviderName } from '../runtime/providers.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { noiseArray } from '../training/fixtures.ts';

/** Milliseconds of one run by where it ran, or why there is none. */
export type ProbeAnswer = { readonly provider: number; readonly cpu: number } | { readonly error: string };

const CHANNELS = 64;
const SIZE = 56;
const ROUNDS = 5;
/** GPUs may round the factors of a product to 10 bits (TF32). */
const TOLERANCE = 2e-2;

/** Entry of the process that tries an execution provider out; see `probeProvider`. */
answerParent<{ provider: ProviderName }, ProbeAnswer>(async ({ provider }) => {
  try {
    const [there, here] = [await measure(provider), await measure('cpu')];
    const largest = here.output.reduce((worst, value) => Math.max(worst, Math.abs(value)), 0);
    const off = here.output.reduce((worst, value, at) => Math.max(worst, Math.abs(value - there.output[at]!)), 0);
    if (!(off <= TOLERANCE * largest)) return { error: `it computes wrong results (off by ${off} of ${largest})` };
    return { provider: there.milliseconds, cpu: here.milliseconds };
  } catch (error) {
    return { error: shorten(describeError(error instanceof Error && error.cause ? error.cause : error)) };
  }
});

/** Without the source line and condition that ONNX Runtime's assertions begin with. */
function shorten(message: string): string {
  return message.replace(/^\/onnxruntime_src.* was false\. /s, '').trim();
}

async function measure(provider: ProviderName): Promise<{ output: Float32Array; milliseconds: number }> {
  const graph = new GraphBuilder();
  const x = graph.input('x', ['N', CHANNELS, SIZE, SIZE]);
  const weights = graph.constant(noiseArray(CHANNELS * CHANNELS * 9, 1, 0.1), [CHANNELS, CHANNELS, 3, 3]);
  const y = graph.op('Conv', [x, weights], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, 'y');
  graph.output(y, ['N', CHANNELS, SIZE, SIZE]);
  const session = await OrtSession.create(graph.encode(), { provider });
  const samples = 4;
  const input = floatTensor(noiseArray(samples * CHANNELS * SIZE * SIZE, 2), [samples, CHANNELS, SIZE, SIZE]);
  let best = Number.POSITIVE_INFINITY;
  let output = new Float32Array(0);
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    output = floatData((await session.run({ x: input })).y, 'y') as Float32Array<ArrayBuffer>;
    best = Math.min(best, performance.now() - start);
  }
  await session.dispose();
  return { output, milliseconds: best };
}
