import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { benchInference } from './inference-bench.ts';

it('measures three contestants that compute the same embeddings', async () => {
  const modelsDir = await mkdtemp(join(tmpdir(), 'saface-bench-'));
  const steps: number[] = [];
  const bench = await benchInference({ modelsDir, batches: [2], rounds: 2, onProgress: (done) => steps.push(done) });
  await rm(modelsDir, { recursive: true, force: true });
  const [row] = bench.rows;
  expect(steps).toEqual([1, 2]);
  expect(bench.gflopPerFace).toBeGreaterThan(0.4);
  expect(bench.gflopPerFace).toBeLessThan(0.7);
  expect(row!.disagreement.bare).toBeLessThan(1e-4);
  expect(row!.disagreement.faceApi).toBeLessThan(1e-3);
  expect(row!.ours.facesPerSecond).toBeCloseTo(2000 / row!.ours.milliseconds, 6);
});

it('refuses batches that make no sense', async () => {
  await expect(benchInference({ modelsDir: '/nowhere', batches: [0] })).rejects.toThrow(/batches 0/);
});
