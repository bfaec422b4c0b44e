import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { encodeModel, type OnnxModel } from '../../onnx/model.ts';
import { floatData, floatTensor, OrtSession } from '../../runtime/session.ts';
import { noiseArray } from '../../training/fixtures.ts';
import { trainableParameters } from '../../training/parameters.ts';
import { openForeignModel } from './open-foreign-model.ts';

/** A convolution and a projection as ONNX Runtime's quantiser writes them: int8 weights by filter, int32 bias, uint8 values. */
function quantised({ opset = 13 }: { opset?: number } = {}): OnnxModel {
  const graph = new GraphBuilder();
  const number = (value: number) => graph.constant(Float32Array.of(value), []);
  const zero = graph.constant(Uint8Array.of(128), []);
  const rounded = (x: string, range: number) => {
    const scale = number(range / 127);
    return graph.op('DequantizeLinear', [graph.op('QuantizeLinear', [x, scale, zero]), scale, zero]);
  };
  const x = graph.input('x', [1, 3, 16, 16]);
  const integers = (length: number, seed: number) =>
    Int8Array.from(noiseArray(length, seed), (v) => Math.round(v * 127));
  const scales = graph.constant(Float32Array.of(0.001, 0.002, 0.003, 0.004));
  const zeros = graph.constant(Int8Array.of(0, 1, -2, 0));
  const filters = graph.op('DequantizeLinear', [graph.constant(integers(4 * 27, 1), [4, 3, 3, 3]), scales, zeros], {
    axis: 0,
  });
  const biasScale = graph.constant(Float32Array.of(1e-5, 1e-5, 1e-5, 1e-5));
  const bias = graph.op('DequantizeLinear', [graph.constant(Int32Array.of(900, -800, 0, 70)), biasScale], { axis: 0 });
  const conv = graph.op('Conv', [rounded(x, 1), filters, bias], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  });
  // As the quantiser leaves it where a Relu followed: integers from 0 on do the same.
  const scale = number(4 / 255);
  const none = graph.constant(Uint8Array.of(0), []);
  const positive = graph.op('DequantizeLinear', [graph.op('QuantizeLinear', [conv, scale, none]), scale, none]);
  const flat = graph.op('Flatten', [positive], { axis: 1 });
  const weights = graph.op('DequantizeLinear', [graph.constant(integers(256 * 8, 2), [256, 8]), number(0.01)]);
  graph.output(graph.op('MatMul', [flat, weights], {}, 'embedding'), [1, 8]);
  return graph.build({ opset });
}

async function run(model: Uint8Array): Promise<Float32Array> {
  const session = await OrtSession.create(model, { threads: 1 });
  const results = await session.run({ x: floatTensor(noiseArray(3 * 256, 3), [1, 3, 16, 16]) });
  await session.dispose();
  return floatData(results[session.outputs[0]!.name], 'embedding');
}

describe('a quantised model', () => {
  it.each([13, 17, 19])('becomes the network that its integers stand for (operator set %i)', async (opset) => {
    const source = quantised({ opset });
    const { model, notes } = await openForeignModel(encodeModel(source), { size: 16 });
    expect(notes).toEqual(['Converted from integers (QDQ) to float32']);
    expect(model.graph.nodes.map(({ type }) => type)).not.toContain('DequantizeLinear');
    const [exact, rounded] = [await run(encodeModel(model)), await run(encodeModel(source))];
    const length = Math.hypot(...rounded);
    expect(Math.hypot(...exact.map((value, i) => value - rounded[i]!)) / length).toBeLessThan(0.05);
    expect(exact).not.toEqual(rounded);
  });

  it('keeps weights trainable that were quantised on the way', async () => {
    const graph = new GraphBuilder();
    const scale = graph.constant(Float32Array.of(0.01), []);
    const weights = graph.constant(noiseArray(768 * 8, 4), [768, 8]);
    const rounded = graph.op('DequantizeLinear', [graph.op('QuantizeLinear', [weights, scale]), scale]);
    const flat = graph.op('Flatten', [graph.input('x', [1, 3, 16, 16])], { axis: 1 });
    graph.output(graph.op('MatMul', [flat, rounded]), [1, 8]);
    const { model } = await openForeignModel(encodeModel(graph.build()), { size: 16 });
    expect(trainableParameters(model).map(({ data }) => data)).toEqual([noiseArray(768 * 8, 4)]);
  });

  it('is refused where integers go elsewhere', async () => {
    const graph = new GraphBuilder();
    const scale = graph.constant(Float32Array.of(0.01), []);
    const integers = graph.op('QuantizeLinear', [graph.input('x', [1, 3, 16, 16]), scale]);
    const pooled = graph.op('MaxPool', [integers], { kernel_shape: [16, 16] });
    graph.output(graph.op('Flatten', [graph.op('DequantizeLinear', [pooled, scale])], { axis: 1 }), [1, 3]);
    await expect(openForeignModel(encodeModel(graph.build()), { size: 16 })).rejects.toThrow(/MaxPool/);
  });

  it('is refused by the name of an operator that computes with integers', async () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', [1, 3, 16, 16]);
    const product = graph.op('MatMulInteger', [x, graph.constant(new Int8Array(128), [16, 8])]);
    graph.output(graph.op('Flatten', [product], { axis: 1 }), [1, 384]);
    await expect(openForeignModel(encodeModel(graph.build()), { size: 16 })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('MatMulInteger'),
      remedy: expect.stringContaining('QDQ'),
    });
  });
});

describe('operator sets', () => {
  it.each(Array.from({ length: 13 }, (_, i) => 9 + i))(
    '%i: the same network gives the same embeddings',
    async (opset) => {
      const graph = new GraphBuilder();
      const x = graph.input('x', [1, 3, 16, 16]);
      const conv = graph.op('Conv', [x, graph.constant(noiseArray(4 * 27, 1), [4, 3, 3, 3])], { pads: [1, 1, 1, 1] });
      const norm = graph.op('BatchNormalization', [
        conv,
        ...[2, 3, 4, 5].map((seed) => graph.constant(noiseArray(4, seed).map((v) => 1 + v / 2))),
      ]);
      const slope = graph.op('PRelu', [norm, graph.constant(noiseArray(4, 6), [4, 1, 1])]);
      // Operators whose attributes became inputs on the way: the limits of Clip, the axes of ReduceMean.
      const clip =
        opset < 11
          ? graph.op('Clip', [slope], { min: -2, max: 2 })
          : graph.op('Clip', [slope, graph.constant(Float32Array.of(-2), []), graph.constant(Float32Array.of(2), [])]);
      const mean =
        opset < 18
          ? graph.op('ReduceMean', [clip], { axes: [2], keepdims: 0 })
          : graph.op('ReduceMean', [clip, graph.constant(BigInt64Array.of(2n))], { keepdims: 0 });
      graph.output(graph.op('Flatten', [mean], { axis: 1 }, 'embedding'), [1, 64]);
      const source = encodeModel(graph.build({ opset, irVersion: opset < 15 ? 4 : 8 }));
      const { model } = await openForeignModel(source, { size: 16 });
      expect(model.opsets).toEqual({ '': 17 });
      const [before, after] = [await run(source), await run(encodeModel(model))];
      before.forEach((value, i) => {
        expect(after[i]).toBeCloseTo(value, 4);
      });
    },
  );
});
