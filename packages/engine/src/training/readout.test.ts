import type { Trainer } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { decodeModel, encodeModel } from '../onnx/model.ts';
import { normalizeModel } from '../onnx/normalize.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { noiseArray } from './fixtures.ts';
import { createOrtTrainer } from './ort-trainer.ts';
import { createTfjsTrainer } from './tfjs-trainer.ts';

const INPUTS = 6;
const SIZE = 4;
const matrix = Float64Array.from(noiseArray(SIZE * SIZE, 9));
const turned = { matrix, offset: null };
const shifted = { matrix, offset: Float64Array.from(noiseArray(SIZE, 10)) };

/** Learners by how they end; all take [N, 6, 1, 1] and give [N, 4]. */
const endings: Record<string, (graph: GraphBuilder, x: string) => string> = {
  MatMul: (graph, x) => graph.op('MatMul', [flat(graph, x), graph.constant(noiseArray(24, 1), [INPUTS, SIZE])]),
  'MatMul and Add': (graph, x) => {
    const product = graph.op('MatMul', [flat(graph, x), graph.constant(noiseArray(24, 1), [INPUTS, SIZE])]);
    return graph.op('Add', [product, graph.constant(noiseArray(SIZE, 2), [SIZE])]);
  },
  Gemm: (graph, x) => graph.op('Gemm', [flat(graph, x), ...linear(graph, [INPUTS, SIZE])]),
  'Gemm with rows and BatchNormalization': (graph, x) => {
    const product = graph.op('Gemm', [flat(graph, x), ...linear(graph, [SIZE, INPUTS])], { transB: 1 });
    const positive = (seed: number) =>
      graph.constant(
        noiseArray(SIZE, seed).map((v) => 1 + v / 2),
        [SIZE],
      );
    return graph.op('BatchNormalization', [product, positive(3), positive(4), positive(5), positive(6)]);
  },
  'Conv and Reshape': (graph, x) => {
    const map = graph.op('Conv', [x, ...linear(graph, [SIZE, INPUTS, 1, 1])]);
    return graph.op('Flatten', [map], { axis: 1 });
  },
};

function flat(graph: GraphBuilder, x: string): string {
  return graph.op('Flatten', [x], { axis: 1 });
}

function linear(graph: GraphBuilder, dims: readonly number[]): string[] {
  return [graph.constant(noiseArray(24, 1), dims), graph.constant(noiseArray(SIZE, 2), [SIZE])];
}

function learnerEnding(end: (graph: GraphBuilder, x: string) => string): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('features', ['N', INPUTS, 1, 1]);
  graph.output(end(graph, x), ['N', SIZE]);
  return encodeModel(normalizeModel(decodeModel(graph.encode())));
}

const features = noiseArray(5 * INPUTS, 7);

/** Embeddings times the matrix, computed here. */
function times(embeddings: Float32Array): Float32Array {
  return embeddings.map((_, i) => {
    const [row, d] = [Math.floor(i / SIZE), i % SIZE];
    let sum = 0;
    for (let k = 0; k < SIZE; k++) sum += embeddings[row * SIZE + k]! * matrix[k * SIZE + d]!;
    return sum;
  });
}

const engines: readonly { name: string; create: (learner: Uint8Array) => Promise<Trainer> }[] = [
  { name: 'ONNX Runtime', create: (learner) => createOrtTrainer({ learner, metric: 'euclidean', threads: 1 }) },
  {
    name: 'TensorFlow.js',
    create: (learner) => createTfjsTrainer({ learner, metric: 'euclidean', backend: 'javascript' }),
  },
];

describe.each(engines)('projecting the last layer on $name', ({ create }) => {
  it.each(Object.entries(endings))('multiplies every embedding: %s', async (_, end) => {
    const trainer = await create(learnerEnding(end));
    const before = await trainer.embed(features);
    const weights = await trainer.projected(turned);
    expectClose(await trainer.embed(features), before, { label: 'unchanged until loaded', tolerance: 1e-7 });
    await trainer.load(weights!);
    expectClose(await trainer.embed(features), times(before), { label: 'projected', tolerance: 1e-5 });
    await trainer.dispose();
  });

  it.each(Object.entries(endings))('adds an offset where there is one to add it to: %s', async (name, end) => {
    const trainer = await create(learnerEnding(end));
    const expected = times(await trainer.embed(features)).map((value, i) => value + shifted.offset[i % SIZE]!);
    const weights = await trainer.projected(shifted);
    if (name === 'MatMul') {
      expect(weights).toBeNull();
    } else {
      await trainer.load(weights!);
      expectClose(await trainer.embed(features), expected, { label: 'projected', tolerance: 1e-5 });
    }
    await trainer.dispose();
  });

  it('turns embeddings that end one long', async () => {
    const trainer = await create(
      learnerEnding((graph, x) => graph.op('LpNormalization', [endings.Gemm!(graph, x)], { axis: 1, p: 2 })),
    );
    const expected = times(await trainer.embed(features));
    for (let row = 0; row < expected.length; row += SIZE) {
      const length = Math.hypot(...expected.subarray(row, row + SIZE));
      for (let d = row; d < row + SIZE; d++) expected[d]! /= length;
    }
    // Of one long, how long an offset would be cannot be said.
    expect(await trainer.projected(shifted)).toBeNull();
    await trainer.load((await trainer.projected(turned))!);
    expectClose(await trainer.embed(features), expected, { label: 'projected', tolerance: 1e-5 });
    await trainer.dispose();
  });

  it('answers null where the last weights are used twice', async () => {
    const tied = learnerEnding((graph, x) => {
      const weight = graph.constant(noiseArray(SIZE * SIZE, 1), [SIZE, SIZE]);
      const hidden = graph.op('Relu', [graph.op('MatMul', [endings.Gemm!(graph, x), weight])]);
      return graph.op('MatMul', [hidden, weight]);
    });
    const trainer = await create(tied);
    expect(await trainer.projected(turned)).toBeNull();
    await trainer.dispose();
  });

  it('answers null where the learner does not end in a linear layer', async () => {
    const trainer = await create(learnerEnding((graph, x) => graph.op('Relu', [endings.Gemm!(graph, x)])));
    expect(await trainer.projected(turned)).toBeNull();
    expect(await trainer.projected({ matrix: new Float64Array(9), offset: null })).toBeNull();
    await trainer.dispose();
  });
});
