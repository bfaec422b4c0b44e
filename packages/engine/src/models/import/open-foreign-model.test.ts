import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { decodeModel, encodeModel } from '../../onnx/model.ts';
import { elementCode } from '../../onnx/tensor.ts';
import { expectClose } from '../../onnx/testing/check-gradient.ts';
import { floatData, floatTensor, OrtSession } from '../../runtime/session.ts';
import { noiseArray } from '../../training/fixtures.ts';
import { chooseCut, describeCuts, whyNotTrained } from './choose-cut.ts';
import { checkSame, openForeignModel } from './open-foreign-model.ts';

/** Two convolutions with something between them, and an embedding of eight values. */
function model(between: (graph: GraphBuilder, x: string) => string, batch: number | string = 'batch'): Uint8Array {
  const graph = new GraphBuilder();
  const weight = (seed: number, ...dims: number[]) =>
    graph.constant(
      noiseArray(
        dims.reduce((a, b) => a * b, 1),
        seed,
      ),
      dims,
    );
  const x = graph.input('x', [batch, 3, 8, 8]);
  const first = graph.op('Conv', [x, weight(1, 4, 3, 3, 3)], { kernel_shape: [3, 3], strides: [2, 2] }, 'first');
  const second = graph.op('Conv', [between(graph, first), weight(2, 8, 4, 3, 3)], { kernel_shape: [3, 3] }, 'second');
  const flat = graph.op('Flatten', [graph.op('Relu', [second], {}, 'active')], { axis: 1 }, 'flat');
  graph.output(graph.op('Gemm', [flat, weight(3, 8, 8)], {}, 'y'), [batch, 8]);
  return graph.encode();
}

describe('a model from elsewhere', () => {
  it.each(['batch', 1])('with an operator that has no rule learns behind it (batch %s)', async (batch) => {
    const opened = await openForeignModel(
      model((graph, x) => graph.op('Elu', [x], {}, 'odd'), batch),
      { size: 8 },
    );
    expect(opened.model.graph.values).toEqual([{ name: 'odd', type: 'float32', shape: ['N', 4, 3, 3] }]);
    const cuts = describeCuts(opened.model);
    const obstacles = Object.fromEntries(cuts.map(({ tensor, obstacle }) => [tensor, obstacle]));
    expect(obstacles).toMatchObject({ first: expect.stringContaining('"Elu"'), odd: null, active: null });
    expect(chooseCut(opened.model, cuts, 'cosine')).toMatchObject({ obstacle: null });
  });

  it('with a form of an operator that has no rule learns behind it as well', async () => {
    const pool = { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 };
    const border = BigInt64Array.of(0n, 0n, 0n, 0n, 0n, 0n, 1n, 1n);
    const between = (graph: GraphBuilder, x: string) =>
      graph.op('Pad', [graph.op('MaxPool', [x], pool, 'odd'), graph.constant(border)]);
    const opened = await openForeignModel(model(between), { size: 8 });
    const cuts = describeCuts(opened.model);
    expect(cuts.map(({ tensor, obstacle }) => [tensor, obstacle])).toContainEqual(['odd', null]);
    expect(cuts[0]).toMatchObject({ tensor: 'first', obstacle: expect.stringContaining('"MaxPool"') });
    expect(whyNotTrained(opened.model, 'first', 'cosine')).toMatch(/MaxPool .* cannot be trained through in this form/);
    expect(chooseCut(opened.model, cuts, 'cosine')).toMatchObject({ obstacle: null });
  });

  it('may take its pictures with the colours last', async () => {
    const first = model((_, x) => x);
    const { graph, ...rest } = decodeModel(first);
    const toFirst = new GraphBuilder();
    toFirst.op('Transpose', [toFirst.input('x', ['batch', 8, 8, 3])], { perm: [0, 3, 1, 2] }, 'x/channels-first');
    const [input, ...nodes] = [...toFirst.build().graph.nodes, ...graph.nodes];
    const renamed = nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((name) => (name === 'x' ? 'x/channels-first' : name)),
    }));
    const last = {
      ...rest,
      graph: { ...graph, inputs: toFirst.build().graph.inputs, nodes: [input!, ...renamed] },
    };
    const { model: opened } = await openForeignModel(encodeModel(last), { size: 8 });
    expect(opened.graph.inputs[0]!.shape).toEqual(['N', 3, 8, 8]);
    const pictures = floatTensor(noiseArray(2 * 3 * 64, 5), [2, 3, 8, 8]);
    const embed = async (bytes: Uint8Array) => {
      const session = await OrtSession.create(bytes);
      const { y } = await session.run({ [session.inputs[0]!.name]: pictures });
      await session.dispose();
      return floatData(y, 'y');
    };
    expectClose(await embed(encodeModel(opened)), await embed(first), { label: 'embeddings', tolerance: 1e-5 });
  });

  it.each(['float32', 'float16'] as const)('may take its pixels as bytes, which it casts to %s', async (float) => {
    const first = model((_, x) => x);
    const { graph, ...rest } = decodeModel(first);
    const cast = new GraphBuilder();
    const turned = cast.op('Transpose', [cast.input('pixels', ['batch', 8, 8, 3])], { perm: [0, 3, 1, 2] });
    cast.op('Cast', [turned], { to: elementCode(float) }, 'x');
    const [{ inputs, nodes }] = [cast.build().graph];
    const bytes = encodeModel({
      ...rest,
      graph: { ...graph, inputs: [{ ...inputs[0]!, type: 'uint8' }], nodes: [...nodes, ...graph.nodes] },
    });
    const { model: opened, notes } = await openForeignModel(bytes, { size: 8 });
    expect(opened.graph.inputs[0]).toMatchObject({ type: 'float32', shape: ['N', 3, 8, 8] });
    expect(opened.graph.nodes.map(({ type }) => type)).not.toContain('Cast');
    expect(notes).toContain('Takes pixels as floats, not bytes');
  });

  it('that computes with bytes is refused', async () => {
    const { graph, ...rest } = decodeModel(model((_, x) => x));
    const bytes = { ...rest, graph: { ...graph, inputs: [{ ...graph.inputs[0]!, type: 'uint8' as const }] } };
    await expect(openForeignModel(encodeModel(bytes), { size: 8 })).rejects.toThrow(/exactly one float32 input/);
  });

  it('may leave open how large its pictures are, and of how many colours', async () => {
    const { graph, ...rest } = decodeModel(model((_, x) => x));
    const inputs = [{ ...graph.inputs[0]!, shape: ['batch', 'channels', 'height', 'width'] }];
    const { model: opened } = await openForeignModel(encodeModel({ ...rest, graph: { ...graph, inputs } }), {
      size: 8,
    });
    expect(opened.graph.inputs[0]!.shape).toEqual(['N', 3, 8, 8]);
  });

  it('may give its embedding as a picture of one pixel', async () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', ['batch', 3, 8, 8]);
    const weights = graph.constant(noiseArray(16 * 3 * 64, 1), [16, 3, 8, 8]);
    graph.output(graph.op('Conv', [x, weights], { kernel_shape: [8, 8] }, 'y'), ['batch', 16, 1, 1]);
    const { model: normal } = await openForeignModel(graph.encode(), { size: 8 });
    expect(normal.graph.outputs[0]!.shape).toEqual(['N', 16]);
  });

  it('is refused by the name of an operator that nobody knows', async () => {
    const strange = openForeignModel(
      model((graph, x) => graph.op('Warp', [x])),
      { size: 8 },
    );
    await expect(strange).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('"Warp"') });
  });

  it('is refused when its form to learn in computes something else', async () => {
    const [plain, other] = [model((_, x) => x), model((graph, x) => graph.op('Mul', [x, graph.scalar(1.01)]))];
    const { model: normal } = await openForeignModel(plain, { size: 8 });
    await expect(checkSame(plain, normal)).resolves.toBeUndefined();
    await expect(checkSame(other, normal)).rejects.toThrow(/computes something else \(by \d/);
  });
});
