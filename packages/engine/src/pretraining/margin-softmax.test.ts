import fc from 'fast-check';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { noiseArray } from '../training/fixtures.ts';
import { type HeadName, headNames, heads } from './heads/index.ts';
import { marginSoftmax } from './margin-softmax.ts';

const classes = 5;
const samples = 6;

/** The papers' formulas in float64, one value at a time. */
const margined: Readonly<Record<HeadName, (cosine: number, margin: number) => number>> = {
  cosface: (cosine, margin) => cosine - margin,
  arcface: (cosine, margin) => {
    const angle = Math.acos(cosine);
    return angle + margin < Math.PI ? Math.cos(angle + margin) : cosine - margin * Math.sin(margin);
  },
};

function loss(
  cosines: Float64Array,
  { labels, head, scale, margin }: { labels: readonly number[]; head: HeadName; scale: number; margin: number },
): number {
  const losses = labels.map((label, row) => {
    const own = cosines.subarray(row * classes, (row + 1) * classes);
    const logits = Array.from(own, (c, k) => scale * (k === label ? margined[head](c, margin) : c));
    const largest = Math.max(...logits);
    return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest - logits[label]!;
  });
  return losses.reduce((a, b) => a + b) / labels.length;
}

async function open(head: HeadName): Promise<OrtSession> {
  const graph = new GraphBuilder();
  const names = {
    cosines: graph.input('cosines', ['N', classes]),
    labels: graph.input('labels', ['N'], 'int64'),
    scale: graph.input('scale', []),
    margin: graph.input('margin', []),
    classes,
  };
  const made = marginSoftmax(graph, heads[head], names);
  for (const [name, tensor] of Object.entries(made)) graph.output(graph.op('Identity', [tensor], {}, name));
  return OrtSession.create(graph.encode(), { threads: 1 });
}

async function run(session: OrtSession, cosines: Float32Array, given: Parameters<typeof loss>[1]) {
  const { labels, scale, margin } = given;
  return session.run({
    cosines: floatTensor(cosines, [labels.length, classes]),
    labels: new Tensor('int64', BigInt64Array.from(labels, BigInt), [labels.length]),
    scale: floatTensor(Float32Array.of(scale), []),
    margin: floatTensor(Float32Array.of(margin), []),
  });
}

describe.each(headNames)('%s', (head) => {
  it('has the loss of its paper and the gradient that central differences find', async () => {
    const session = await open(head);
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: samples, maxLength: samples }),
      fc.constantFrom(1, 8, 30),
      fc.constantFrom(0, 0.2, 0.5),
      async (seed, labels, scale, margin) => {
        const given = { labels, head, scale, margin };
        const cosines = noiseArray(samples * classes, seed, 0.98);
        const results = await run(session, cosines, given);
        const exact = Float64Array.from(cosines);
        expectClose(floatData(results.loss, 'loss'), [loss(exact, given)], { label: 'loss', tolerance: 1e-4 });
        const step = 1e-6;
        const differences = exact.map(
          (value, at) =>
            (loss(exact.with(at, value + step), given) - loss(exact.with(at, value - step), given)) / (2 * step),
        );
        expectClose(floatData(results.gradient, 'gradient'), differences, { label: 'gradient', tolerance: 2e-3 });
      },
    );
    await fc.assert(property, { numRuns: 25, seed: 7 });
    await session.dispose();
  });

  it('counts a sample as correct by the cosine, not by what the margin leaves of it', async () => {
    const session = await open(head);
    const cosines = Float32Array.of(0.5, 0.45, 0, 0, 0, 0.1, 0.2, 0.3, 0, 0);
    const results = await run(session, cosines, { labels: [0, 1], head, scale: 8, margin: 0.3 });
    expect(floatData(results.correct, 'correct')[0]).toBe(1);
    await session.dispose();
  });

  it('keeps its gradient finite at cosines of exactly 1 and -1', async () => {
    const session = await open(head);
    const cosines = Float32Array.of(1, 0, 0, 0, 0, -1, 0, 0, 0, 0);
    const results = await run(session, cosines, { labels: [0, 0], head, scale: 64, margin: 0.5 });
    for (const value of floatData(results.gradient, 'gradient')) expect(Number.isFinite(value)).toBe(true);
    await session.dispose();
  });
});
