import { describe, expect, it } from 'vitest';
import { floatData, floatTensor, OrtSession } from '../runtime/index.ts';
import { GraphBuilder } from './graph-builder.ts';
import { encodeModel } from './model.ts';
import { normalizeModel } from './normalize.ts';

describe('Gelu', () => {
  it.each(['none', 'tanh'])('is computed as before in the normal form (approximate: %s)', async (approximate) => {
    const graph = new GraphBuilder();
    graph.output(graph.op('Gelu', [graph.input('x', ['N', 9])], { approximate }, 'y'), ['N', 9]);
    const model = graph.build({ opset: 20, irVersion: 9 });
    const normal = normalizeModel(model);
    expect(normal.opsets).toEqual({ '': 17 });
    const x = floatTensor(
      Float32Array.from({ length: 18 }, (_, i) => (i - 9) / 3),
      [2, 9],
    );
    const run = async (of: typeof model) => {
      const session = await OrtSession.create(encodeModel(of), { threads: 1 });
      const result = floatData((await session.run({ x })).y, 'y');
      await session.dispose();
      return result;
    };
    const expected = await run(model);
    for (const [i, value] of (await run(normal)).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });
});
