import { SafaceError } from '@saface/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { GraphBuilder } from './graph-builder.ts';
import { decodeModel, encodeModel } from './model.ts';

function affine(): GraphBuilder {
  const graph = new GraphBuilder();
  const x = graph.input('x', ['N', 2]);
  const weights = graph.constant(Float32Array.of(1, 2, 3, 4), [2, 2], 'w');
  const y = graph.op('Gemm', [x, weights, graph.constant(Float32Array.of(0.5, -0.5))], { alpha: 2, transB: 1 });
  graph.output(graph.op('Reshape', [y, graph.int64(-1, 2)], {}, 'y'), ['N', 2]);
  return graph;
}

it('writes a model that ONNX Runtime computes as meant, with a dynamic batch', async () => {
  const session = await OrtSession.create(affine().encode(), { threads: 1 });
  const { y } = await session.run({ x: floatTensor(Float32Array.of(1, 0, 0, 1, 1, 1), [3, 2]) });
  expect([...floatData(y, 'y')]).toEqual([2.5, 5.5, 4.5, 7.5, 6.5, 13.5]);
  expect(session.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['N', 2] }]);
  await session.dispose();
});

it('reads back what it wrote, and writes it again byte for byte', () => {
  const bytes = affine().encode({ opset: 13, irVersion: 7, metadata: { cut: 'layer' } });
  const model = decodeModel(bytes);
  expect(model.opsets).toEqual({ '': 13 });
  expect(model.metadata).toEqual({ cut: 'layer' });
  expect(model.graph.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['N', 2] }]);
  expect(model.graph.nodes[0]?.attributes).toEqual({
    alpha: { kind: 'float', value: 2 },
    transB: { kind: 'int', value: 1 },
  });
  expect(model.graph.initializers.get('w')?.data).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(encodeModel(model)).toEqual(bytes);
});

it('refuses every truncation with an error that says so, and never returns a partial model', () => {
  const bytes = affine().encode();
  const whole = JSON.stringify(decodeModel(bytes).graph.nodes);
  for (let length = 0; length < bytes.length; length++) {
    let nodes: string | undefined;
    try {
      nodes = JSON.stringify(decodeModel(bytes.subarray(0, length)).graph.nodes);
    } catch (error) {
      expect(error).toBeInstanceOf(SafaceError);
      expect((error as SafaceError).code).toBe('integrity');
    }
    if (nodes !== undefined) expect(nodes).toBe(whole);
  }
});

it('answers arbitrary bytes with a SafaceError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => decodeModel(bytes)).toThrow(SafaceError);
    }),
  );
  expect(() => decodeModel(new TextEncoder().encode('This is not a model.'))).toThrow(/not an ONNX model/);
});

it('names a tensor that no operator makes', () => {
  const model = decodeModel(affine().encode());
  const graph = { ...model.graph, nodes: model.graph.nodes.slice(1) };
  expect(() => decodeModel(encodeModel({ ...model, graph }))).toThrow(/Reshape .* reads "Gemm~/);
});

it('names an operator that does not exist', async () => {
  const graph = new GraphBuilder();
  graph.output(graph.op('Frobnicate', [graph.input('x', ['N'])]));
  await expect(OrtSession.create(graph.encode())).rejects.toThrow(/operator "Frobnicate"/);
});

it('says that a session without bytes or file cannot be', async () => {
  await expect(OrtSession.create(new Uint8Array(0))).rejects.toThrow(/empty/);
  await expect(OrtSession.create('/nowhere/model.onnx')).rejects.toThrow(/\/nowhere\/model.onnx cannot be read/);
  await expect(OrtSession.create(new TextEncoder().encode('hello'))).rejects.toMatchObject({ code: 'integrity' });
});
