import { expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { createOrtExtractor } from './ort-extractor.ts';
import { createOrtLearner } from './ort-learner.ts';

/** An extractor that hands its input on, so that a test sees what reaches the first layer. */
function passThrough(size: number, batch: number | string = 'N'): Uint8Array {
  const graph = new GraphBuilder();
  graph.output(graph.op('Identity', [graph.input('x', [batch, 3, size, size])], {}, 'y'), [batch, 3, size, size]);
  return graph.encode();
}

const input = { size: 2, channels: 'rgb', mean: [10, 20, 30], scale: [1, 0.5, 0.25] } as const;
const crop = (first: number) => ({
  width: 2,
  height: 2,
  data: Uint8Array.from({ length: 12 }, (_, index) => first + index),
});

it('hands crops to the model channel after channel, shifted and scaled', async () => {
  const extractor = await createOrtExtractor(passThrough(2), { input, threads: 1 });
  expect(extractor.featureShape).toEqual([3, 2, 2]);
  // Pixels are (0,1,2) (3,4,5) (6,7,8) (9,10,11).
  expect([...(await extractor.extract([crop(0)]))]).toEqual([
    -10, -7, -4, -1, -9.5, -8, -6.5, -5, -7, -6.25, -5.5, -4.75,
  ]);
  await extractor.dispose();
});

it('turns the channels round for a BGR model', async () => {
  const extractor = await createOrtExtractor(passThrough(2), { input: { ...input, channels: 'bgr' }, threads: 1 });
  expect([...(await extractor.extract([crop(0)]))].slice(0, 4)).toEqual([-8, -5, -2, 1]);
  await extractor.dispose();
});

it('extracts any number of crops, in runs of at most maxBatch', async () => {
  const extractor = await createOrtExtractor(passThrough(2), { input, threads: 1, maxBatch: 3 });
  const crops = Array.from({ length: 8 }, (_, index) => crop(index));
  const together = await extractor.extract(crops);
  expect(together.length).toBe(8 * 12);
  for (const [index, one] of crops.entries())
    expect(together.slice(index * 12, index * 12 + 12)).toEqual(await extractor.extract([one]));
  expect(await extractor.extract([])).toEqual(new Float32Array(0));
  await extractor.dispose();
});

it('refuses crops and models of another size', async () => {
  const extractor = await createOrtExtractor(passThrough(2), { input, threads: 1 });
  await expect(extractor.extract([{ width: 3, height: 2, data: new Uint8Array(18) }])).rejects.toThrow(
    /3x2 .* not 2x2/,
  );
  await extractor.dispose();
  await expect(extractor.extract([crop(0)])).rejects.toThrow(/after it was closed/);
  await expect(createOrtExtractor(passThrough(4), { input })).rejects.toThrow(/not 2x2 crops/);
  await expect(createOrtExtractor(passThrough(2, 1), { input })).rejects.toThrow(
    /only its batch may be open, and must be/,
  );
});

it('embeds features in runs of at most maxBatch and refuses parts of samples', async () => {
  const graph = new GraphBuilder();
  const x = graph.input('features', ['N', 2]);
  graph.output(graph.op('MatMul', [x, graph.constant(Float32Array.of(1, 0, 1, 0, 1, 1), [2, 3])], {}, 'embedding'), [
    'N',
    3,
  ]);
  const learner = await createOrtLearner(graph.encode(), { threads: 1, maxBatch: 2 });
  expect(learner.featureShape).toEqual([2]);
  expect(learner.dimension).toBe(3);
  expect([...(await learner.embed(Float32Array.of(1, 2, 3, 4, 5, 6)))]).toEqual([1, 2, 3, 3, 4, 7, 5, 6, 11]);
  await expect(learner.embed(new Float32Array(3))).rejects.toThrow(/not whole samples of 2/);
  await learner.dispose();
});
