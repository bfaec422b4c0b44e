import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { type RgbImage, SafaceError } from '@saface/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ensureDefaultModels } from '../models/build-default-models.ts';
import { FaceApiReference } from '../models/face-api/reference.ts';
import { countFlops, cutModel, decodeModel, encodeModel, normalizeModel } from '../onnx/index.ts';
import { physicalCores } from '../runtime/index.ts';
import { createOrtExtractor, createOrtLearner } from '../training/index.ts';

export interface InferenceBenchOptions {
  /** Where the default models lie or are to be built. */
  readonly modelsDir: string;
  /** Faces at once; default 1 and 16. */
  readonly batches?: readonly number[];
  /** Rounds measured; each runs every contestant once, in turn. Default 15. */
  readonly rounds?: number;
  /** Threads of ONNX Runtime, ours and the bare one; default physical cores. */
  readonly threads?: number;
  /** Measure face-api on wasm too; default true. It takes part in at most 5 rounds. */
  readonly faceApi?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Speed {
  /** Median time of one batch. */
  readonly milliseconds: number;
  readonly facesPerSecond: number;
  readonly gflopPerSecond: number;
}

export interface InferenceBenchRow {
  readonly batch: number;
  /** Our extractor and learner, from 8-bit crops to embeddings. */
  readonly ours: Speed;
  /** onnxruntime-node on the uncut file, from ready-made input tensors. */
  readonly bare: Speed;
  readonly faceApi: Speed | null;
  /** Our speed over the bare one's: median over rounds, so that a busy moment strikes both. */
  readonly ofBare: number;
  readonly timesFaceApi: number | null;
  /** Largest difference between our embeddings and the others'. */
  readonly disagreement: { readonly bare: number; readonly faceApi: number | null };
}

export interface InferenceBench {
  readonly model: string;
  readonly cut: string;
  readonly gflopPerFace: number;
  readonly machine: { readonly cpu: string; readonly threads: number };
  readonly rounds: number;
  readonly rows: readonly InferenceBenchRow[];
}

interface Contestant {
  readonly rounds: number;
  run(): Promise<ArrayLike<number>>;
}

const FACE_API_ROUNDS = 5;

/** Recognition speed of the default recogniser beside bare ONNX Runtime and face-api, all in one process and in turn. */
export async function benchInference(options: InferenceBenchOptions): Promise<InferenceBench> {
  const { batches = [1, 16], rounds = 15, threads = physicalCores() } = options;
  if (rounds < 1 || batches.some((batch) => !(Number.isInteger(batch) && batch >= 1 && batch <= 256))) {
    throw new SafaceError(
      'invalid-input',
      `Cannot measure batches ${batches.join()} in ${rounds} rounds`,
      'Use at least one round and batches of 1 to 256.',
    );
  }
  const { recogniser, spec } = await ensureDefaultModels(options.modelsDir);
  const file = await readFile(recogniser.path);
  const whole = normalizeModel(decodeModel(file));
  const parts = cutModel(whole, spec.defaultCut);
  const maxBatch = Math.max(...batches);
  const extractor = await createOrtExtractor(encodeModel(parts.extractor), { input: spec.input, maxBatch, threads });
  const learner = await createOrtLearner(encodeModel(parts.learner), { maxBatch, threads });
  // Its threads may spin while it runs, as they do by default, but not on into the next contestant's turn.
  const extra = { session: { force_spinning_stop: '1' } };
  const bare = await InferenceSession.create(file, { intraOpNumThreads: threads, extra });
  const reference = (options.faceApi ?? true) ? await FaceApiReference.load() : null;
  const flops = countFlops(whole);
  const rows: InferenceBenchRow[] = [];
  try {
    for (const [index, batch] of batches.entries()) {
      const crops = Array.from({ length: batch }, (_, i) => noise(spec.input.size, i + 1));
      const input = new Tensor('float32', planar(crops, spec.input), [batch, 3, spec.input.size, spec.input.size]);
      const ours: Contestant = { rounds, run: async () => learner.embed(await extractor.extract(crops)) };
      const plain: Contestant = {
        rounds,
        run: async () => {
          const output = await bare.run({ input });
          return output.embedding!.data as Float32Array;
        },
      };
      const other: Contestant | null = reference && {
        rounds: Math.min(rounds, FACE_API_ROUNDS),
        run: async () => (await reference.descriptors(crops)).flatMap((descriptor) => [...descriptor]),
      };
      const contestants = other ? [ours, plain, other] : [ours, plain];
      const progress = (round: number) => options.onProgress?.(index * rounds + round, batches.length * rounds);
      const { times, results } = await race(contestants, rounds, progress);
      const speed = (milliseconds: number): Speed => ({
        milliseconds,
        facesPerSecond: (batch * 1000) / milliseconds,
        gflopPerSecond: (batch * flops) / milliseconds / 1e6,
      });
      rows.push({
        batch,
        ours: speed(median(times[0]!)),
        bare: speed(median(times[1]!)),
        faceApi: times[2] ? speed(median(times[2])) : null,
        ofBare: median(times[0]!.map((time, round) => times[1]![round]! / time)),
        timesFaceApi: times[2] ? median(times[2].map((time, round) => time / times[0]![round]!)) : null,
        disagreement: {
          bare: difference(results[0]!, results[1]!),
          faceApi: results[2] ? difference(results[0]!, results[2]) : null,
        },
      });
    }
  } finally {
    await extractor.dispose();
    await learner.dispose();
    await bare.release();
  }
  const machine = { cpu: cpus()[0]?.model.trim() ?? 'unknown', threads };
  return { model: spec.name, cut: spec.defaultCut, gflopPerFace: flops / 1e9, machine, rounds, rows };
}

/** Runs everybody once to warm up, then in turn; times in milliseconds by contestant and round. */
async function race(contestants: readonly Contestant[], rounds: number, progress: (round: number) => void) {
  const results: ArrayLike<number>[] = [];
  for (const contestant of contestants) results.push(await contestant.run());
  const times: number[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      if (round >= contestant.rounds) continue;
      const start = performance.now();
      await contestant.run();
      times[i]!.push(performance.now() - start);
    }
    progress(round + 1);
  }
  return { times, results };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = Math.abs(a.length - b.length);
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - (b[i] ?? 0)));
  return worst;
}

/** Speed does not depend on what a picture shows; a fixed sequence keeps runs alike. */
function noise(size: number, seed: number): RgbImage {
  let state = seed >>> 0;
  const data = Uint8Array.from({ length: size * size * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width: size, height: size, data };
}

function planar(
  crops: readonly RgbImage[],
  { size, mean, scale }: { size: number; mean: readonly number[]; scale: readonly number[] },
): Float32Array {
  const area = size * size;
  const packed = new Float32Array(crops.length * 3 * area);
  for (const [n, { data }] of crops.entries()) {
    for (let c = 0; c < 3; c++) {
      for (let i = 0; i < area; i++) packed[(n * 3 + c) * area + i] = (data[i * 3 + c]! - mean[c]!) * scale[c]!;
    }
  }
  return packed;
}
