import { expect, it } from 'vitest';
import { residualLearner } from '../training/fixtures.ts';
import { benchTrainingApart } from './training-apart.ts';
import { benchTraining } from './training-bench.ts';
import { benchTrainingVersus } from './training-versus.ts';

it('reports figures that belong together', async () => {
  const learner = residualLearner({ channels: 16, size: 8, blocks: [{ channels: 16 }], dimension: 4 });
  const rounds: number[] = [];
  const result = await benchTraining({
    learner,
    triplets: 2,
    rounds: 3,
    threads: 1,
    onRound: (done) => rounds.push(done),
  });
  expect(rounds).toEqual([1, 2, 3, 4, 5]);
  // Two 3x3 convolutions of 16 to 16 channels on 8x8, a Relu twice, an Add, a mean and a 16x4 product.
  expect(result.learnerFlops).toBe(2 * (2 * 9 * 16 * 16 * 64) + 3 * 1024 + 1024 + 2 * 16 * 4);
  expect(result.samples).toBe(6);
  expect(result.ratio).toBeCloseTo(result.stepMs / result.forwardMs, 10);
  expect(result.quarterStepMs).toBeGreaterThan(0);
  expect(result.stepGflops * result.stepMs).toBeCloseTo((3 * 6 * result.learnerFlops) / 1e6, 6);
});

it('measures peak memory in a process of its own, and says why that failed', async () => {
  const learner = residualLearner({ channels: 16, size: 8, blocks: [{ channels: 16 }], dimension: 4 });
  const { peakMiB, samples } = await benchTrainingApart({ learner, triplets: 2, rounds: 1, threads: 1 });
  expect(samples).toBe(6);
  expect(peakMiB).toBeGreaterThan(30);
  await expect(benchTrainingApart({ learner: Uint8Array.of(1, 2) })).rejects.toThrow(/not an ONNX model/);
});

it('lets both engines take turns', async () => {
  const learner = residualLearner({ channels: 16, size: 8, blocks: [{ channels: 16 }], dimension: 4 });
  const versus = await benchTrainingVersus({ learner, triplets: 2, rounds: 1, threads: 1 });
  expect(['tfjs-node', 'wasm']).toContain(versus.backend);
  expect(versus.timesTfjs).toBeCloseTo(versus.tfjsMs / versus.onnxMs, 6);
});
