import { openEngine } from '../engines/open-engine.ts';
import { elementCount } from '../onnx/tensor.ts';
import { physicalCores } from '../runtime/threads.ts';
import { noiseArray } from '../training/fixtures.ts';
import { loadTensorFlow } from '../training/tfjs-runtime.ts';
import { createTfjsTrainer } from '../training/tfjs-trainer.ts';
import type { TrainingBenchOptions } from './training-bench.ts';

export interface TrainingVersus {
  /** The fastest backend of TensorFlow.js that is installed here. */
  readonly backend: string;
  readonly triplets: number;
  /** Median times of one complete training step, in milliseconds; the two took turns. */
  readonly onnxMs: number;
  readonly tfjsMs: number;
  /** Steps a second of the engine "onnx" over those of "tfjs": median over rounds. */
  readonly timesTfjs: number;
}

/**
 * The training step of both engines on the CPU in one process, in turn. TensorFlow.js needs seconds for one: few rounds are enough. Its
 * wasm backend has 4 GB for all tensors of a step, which a mobile network at 28x28 fills with 8 triplets.
 */
export async function benchTrainingVersus(options: TrainingBenchOptions): Promise<TrainingVersus> {
  const { learner, metric = 'euclidean', triplets = 4, rounds = 3, threads = physicalCores() } = options;
  const { backend } = await loadTensorFlow(['tfjs-node', 'wasm', 'javascript']);
  const onnx = await (await openEngine()).openTrainer({ learner, metric, threads });
  const tfjs = await createTfjsTrainer({ learner, metric, backend });
  const features = noiseArray(3 * triplets * elementCount(onnx.featureShape), 1);
  const settings = { learningRate: 1e-6, momentum: 0.9, weightDecay: 1e-4, basePull: 0, margin: 1e3, apply: true };
  const times: { onnx: number; tfjs: number }[] = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const start = performance.now();
      await onnx.step(features, settings);
      const middle = performance.now();
      await tfjs.step(features, settings);
      const end = performance.now();
      options.onRound?.(round + 1, rounds + 1);
      // The first round pays for memory and compiled kernels that the others reuse.
      if (round > 0) times.push({ onnx: middle - start, tfjs: end - middle });
    }
  } finally {
    await onnx.dispose();
    await tfjs.dispose();
  }
  return {
    backend,
    triplets,
    onnxMs: median(times.map((time) => time.onnx)),
    tfjsMs: median(times.map((time) => time.tfjs)),
    timesTfjs: median(times.map((time) => time.tfjs / time.onnx)),
  };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
