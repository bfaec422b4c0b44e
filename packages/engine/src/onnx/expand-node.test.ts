import { describe, expect, it } from 'vitest';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { noiseArray } from '../training/fixtures.ts';
import { GraphBuilder } from './graph-builder.ts';
import { encodeModel, type OnnxModel } from './model.ts';
import { normalizeModel } from './normalize.ts';
import { operatorRule } from './ops/index.ts';
import { expectClose } from './testing/check-gradient.ts';

const shape = [3, 4, 6];
const picture = (count: number) => noiseArray(count * 72, 5).map((value) => Math.abs(value) + 0.1);

async function run(model: OnnxModel, count: number): Promise<Float32Array> {
  const session = await OrtSession.create(encodeModel(model), { threads: 1 });
  const { name } = session.outputs[0]!;
  const results = await session.run({ [session.inputs[0]!.name]: floatTensor(picture(count), [count, ...shape]) });
  await session.dispose();
  return floatData(results[name], name);
}

/** A model of one operator, or several, on pictures of a batch that is open or fixed. */
function modelOf(
  write: (graph: GraphBuilder, x: string) => string,
  { opset = 17, batch = 'batch' as number | string } = {},
): OnnxModel {
  const graph = new GraphBuilder();
  const x = graph.input('x', [batch, ...shape]);
  graph.output(graph.op('Identity', [write(graph, x)], {}, 'y'));
  return graph.build({ opset, irVersion: 8 });
}

const f = (graph: GraphBuilder, ...values: number[]) =>
  graph.constant(Float32Array.from(values), values.length > 1 ? [values.length] : []);
const i = (graph: GraphBuilder, ...values: number[]) =>
  graph.constant(BigInt64Array.from(values, BigInt), [values.length]);
const place = (graph: GraphBuilder, value: number) => graph.constant(BigInt64Array.of(BigInt(value)), []);

const cases: Record<string, { write: (graph: GraphBuilder, x: string) => string; opset?: number }> = {
  ...Object.fromEntries(
    [1, 2, 3, 4, 0.5, -0.5, -1].map((exponent) => [
      `Pow ${exponent}`,
      { write: (graph: GraphBuilder, x: string) => graph.op('Pow', [x, f(graph, exponent)]) },
    ]),
  ),
  HardSigmoid: { write: (graph, x) => graph.op('HardSigmoid', [x], { alpha: 1.5, beta: -0.25 }) },
  Reciprocal: { write: (graph, x) => graph.op('Reciprocal', [x]) },
  Sum: { write: (graph, x) => graph.op('Sum', [x, f(graph, 1), x]) },
  Max: { write: (graph, x) => graph.op('Max', [f(graph, 0.6), x]) },
  Min: { write: (graph, x) => graph.op('Min', [x, f(graph, 0.6)]) },
  'Gather one': { write: (graph, x) => graph.op('Gather', [x, place(graph, -1)], { axis: 2 }) },
  'Gather some': { write: (graph, x) => graph.op('Gather', [x, i(graph, 2, 0, -1)], { axis: 1 }) },
  'Softmax of old over the last axes': { write: (graph, x) => graph.op('Softmax', [x]), opset: 11 },
  'Softmax of old over the last axis': { write: (graph, x) => graph.op('Softmax', [x], { axis: 3 }), opset: 11 },
  'Pad of two axes': {
    write: (graph, x) => graph.op('Pad', [x, i(graph, 1, 0, 2, 3), '', i(graph, -1, 2)]),
    opset: 18,
  },
  'weights by another name, turned': {
    write: (graph, x) => {
      const weights = graph.op('Identity', [graph.constant(noiseArray(30, 2), [5, 6])]);
      return graph.op('MatMul', [x, graph.op('Transpose', [weights], { perm: [1, 0] })]);
    },
  },
  'a vector divided by its length, as PyTorch writes it': {
    write: (graph, x) => {
      const length = graph.op('Clip', [graph.op('ReduceL2', [x], { axes: [-1], keepdims: 1 }), f(graph, 1e-12)]);
      return graph.op('Div', [x, graph.op('Expand', [length, graph.op('Shape', [x])])]);
    },
  },
  'the scale of an attention, computed from its sizes': {
    write: (graph, x) => {
      const width = graph.op('Gather', [graph.op('Shape', [x]), i(graph, -1)], { axis: 0 });
      const scale = graph.op('Div', [f(graph, 1), graph.op('Sqrt', [graph.op('Cast', [width], { to: 1 })])]);
      return graph.op('Mul', [x, scale]);
    },
  },
  'constants that are computed from constants, in rows and columns': {
    write: (graph, x) => {
      const column = graph.op('Sqrt', [graph.constant(Float32Array.of(1, 4, 9, 16), [4, 1])]);
      const row = graph.op('Neg', [graph.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [1, 6])]);
      const square = graph.op('Mul', [
        graph.constant(noiseArray(4, 7), [4, 1]),
        graph.constant(noiseArray(4, 8), [1, 4]),
      ]);
      const whole = graph.op('MatMul', [square, graph.op('Add', [column, row])]);
      return graph.op('Add', [x, whole]);
    },
  },
  'a token that is repeated for every picture, as PyTorch has long written it': {
    write: (graph, x) => {
      const batch = graph.op('Gather', [graph.op('Shape', [x]), i(graph, 0)], { axis: 0 });
      const wanted = graph.op('Reshape', [
        graph.op('Concat', [batch, i(graph, -1, -1, -1)], { axis: 0 }),
        i(graph, -1),
      ]);
      const one = { name: '', type: 'int64', dims: [1], data: BigInt64Array.of(1n) } as const;
      const ones = graph.op('ConstantOfShape', [graph.op('Shape', [wanted])], { value: one });
      const same = graph.op('Equal', [wanted, graph.op('Mul', [ones, i(graph, -1)])]);
      const token = graph.constant(noiseArray(18, 3), [1, 3, 1, 6]);
      return graph.op('Concat', [graph.op('Expand', [token, graph.op('Where', [same, ones, wanted])]), x], { axis: 2 });
    },
  },
  'sizes from a part of a shape': {
    write: (graph, x) => {
      const rest = graph.op('ReduceProd', [graph.op('Shape', [x], { start: 2 })], { keepdims: 1 });
      const some = graph.op('Slice', [graph.op('Shape', [x]), i(graph, 0), i(graph, 3), i(graph, 0), i(graph, 1)]);
      const first = graph.op('Slice', [some, i(graph, 0), i(graph, 2)]);
      return graph.op('Reshape', [x, graph.op('Concat', [first, rest], { axis: 0 })]);
    },
  },
  'a token that is repeated for every picture': {
    write: (graph, x) => {
      const batch = graph.op('Gather', [graph.op('Shape', [x]), i(graph, 0)], { axis: 0 });
      const sizes = graph.op('Concat', [batch, i(graph, 3, 1, 6)], { axis: 0 });
      const token = graph.op('Expand', [graph.constant(noiseArray(18, 3), [1, 3, 1, 6]), sizes]);
      return graph.op('Concat', [token, x], { axis: 2 });
    },
  },
};

describe('an operator without a rule of its own', () => {
  it.each(Object.entries(cases))(
    'computes the same in others that can be trained through: %s',
    async (_, { write, opset }) => {
      const source = modelOf(write, { opset });
      const normal = normalizeModel(source);
      expect(normal.graph.nodes.every((node) => operatorRule(node).gradient)).toBe(true);
      expect(normal.graph.outputs[0]!.shape![0]).toBe('N');
      for (const count of [1, 3]) {
        const expected = await run(source, count);
        expectClose(await run(normal, count), expected, { label: `${count} pictures`, tolerance: 1e-5 });
      }
    },
  );

  it('gives slopes that were written without them the axes behind the channels', async () => {
    const write = (dims: readonly number[]) => (graph: GraphBuilder, x: string) =>
      graph.op('PRelu', [graph.op('Sub', [x, f(graph, 0.5)]), graph.constant(Float32Array.of(0.1, 0.2, 0.3), dims)]);
    const normal = normalizeModel(modelOf(write([3])));
    expectClose(await run(normal, 2), await run(modelOf(write([3, 1, 1])), 2), { label: 'slopes', tolerance: 1e-6 });
  });

  it('is taken apart into parts of different sizes', async () => {
    for (const { opset, listed, sizes } of [
      { opset: 11, listed: true, sizes: [1, 3, 2] },
      { opset: 17, listed: false, sizes: [2, 2, 2] },
      { opset: 13, listed: true, sizes: [1, 3, 2] },
    ]) {
      const whole = modelOf(
        (graph, x) => {
          const given = listed && opset >= 13 ? [i(graph, ...sizes)] : [];
          const attributes = { axis: 3, ...(listed && opset < 13 ? { split: sizes } : {}) };
          const part = graph.op('Split', [x, ...given], attributes, 'a');
          return graph.op('Concat', [part, part, part], { axis: 3 });
        },
        { opset },
      );
      const nodes = whole.graph.nodes.map((node) => {
        if (node.type === 'Split') return { ...node, outputs: ['a', 'b', 'c'] };
        return node.type === 'Concat' ? { ...node, inputs: ['c', 'a', 'b'] } : node;
      });
      const source = { ...whole, graph: { ...whole.graph, nodes } };
      const normal = normalizeModel(source);
      expect(normal.graph.nodes.filter(({ type }) => type === 'Slice')).toHaveLength(3);
      expectClose(await run(normal, 2), await run(source, 2), { label: `opset ${opset}`, tolerance: 1e-6 });
    }
  });

  it('repeats for a batch what a fixed batch of one made part of the picture', async () => {
    const write = (graph: GraphBuilder, x: string) =>
      graph.op('Concat', [graph.constant(noiseArray(18, 3), [1, 3, 1, 6]), x], { axis: 2 });
    const normal = normalizeModel(modelOf(write, { batch: 1 }));
    const [single, both] = [await run(modelOf(write, { batch: 1 }), 1), await run(normal, 2)];
    expectClose(both.subarray(0, single.length), single, { label: 'first', tolerance: 1e-6 });
    expect(both.length).toBe(2 * single.length);
  });

  it('is named where nothing is known of what it makes, and kept where the file says so', () => {
    const source = modelOf((graph, x) => graph.op('Einsum', [x], { equation: 'nchw->nhw' }, 'odd'));
    expect(() => normalizeModel(source)).toThrow(/operator "Einsum"/);
    const values = [{ name: 'odd', type: 'float32', shape: ['batch', 4, 6] }] as const;
    const open = { ...source, graph: { ...source.graph, values: [{ ...values[0], shape: ['N', 4, 6] }] } };
    const normal = normalizeModel(open);
    expect(normal.graph.values).toEqual([{ name: 'odd', type: 'float32', shape: ['N', 4, 6] }]);
    expect(normalizeModel(normal)).toEqual(normal);
  });
});
