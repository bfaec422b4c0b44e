import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { faceApiLearner, noiseArray, residualLearner } from '../training/fixtures.ts';
import { cutModel, legalCuts } from './cut.ts';
import { GraphBuilder } from './graph-builder.ts';
import { decodeModel, encodeModel, type OnnxModel } from './model.ts';
import { normalizeModel } from './normalize.ts';
import { expectClose } from './testing/check-gradient.ts';

const dataDir = process.env.SAFACE_DATA_DIR ?? join(import.meta.dirname, '../../../../../shared/data');
const mobileFaceNet = join(dataDir, 'models/foamliu_MobileFaceNet.onnx');

async function run(model: OnnxModel | Uint8Array, data: Float32Array, dims: readonly number[]): Promise<Float32Array> {
  const session = await OrtSession.create(model instanceof Uint8Array ? model : encodeModel(model), { threads: 1 });
  const { name } = session.outputs[0]!;
  const results = await session.run({ [session.inputs[0]!.name]: floatTensor(data, dims) });
  await session.dispose();
  return floatData(results[name], name);
}

/** The way PyTorch exports `x.view(x.size(0), -1)`, with a convolution and batch normalisation before it, in an old operator set. */
function exported(batch: number | string): OnnxModel {
  const graph = new GraphBuilder();
  const x = graph.input('x', [batch, 3, 4, 4]);
  const weight = (seed: number, ...dims: number[]) =>
    graph.constant(
      noiseArray(
        dims.reduce((a, b) => a * b, 1),
        seed,
      ),
      dims,
    );
  const conv = graph.op('Conv', [x, weight(1, 2, 3, 3, 3)], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, 'conv');
  const variance = graph.constant(Float32Array.of(0.5, 2));
  const norm = graph.op(
    'BatchNormalization',
    [conv, weight(2, 2), weight(3, 2), weight(4, 2), variance],
    { epsilon: 0.001 },
    'norm',
  );
  const clipped = graph.op('Clip', [norm], { min: -0.5, max: 0.75 }, 'clipped');
  const kept = graph.op('Dropout', [clipped], { ratio: 0.5 }, 'kept');
  const size = graph.op('Gather', [graph.op('Shape', [kept]), graph.constant(BigInt64Array.of(0n), [])], { axis: 0 });
  const rest = graph.op('Constant', [], { value: { name: '', type: 'int64', dims: [1], data: BigInt64Array.of(-1n) } });
  const shape = graph.op('Concat', [graph.op('Unsqueeze', [size], { axes: [0] }), rest], { axis: 0 });
  const flat = graph.op('Reshape', [kept, shape], {}, 'flat');
  graph.output(graph.op('Gemm', [flat, weight(5, 32, 3), weight(6, 3)], {}, 'y'), [batch, 3]);
  return graph.build({ opset: 9, irVersion: 4 });
}

describe('a normalised model', () => {
  it.each(['batch', 1])('computes what the exported one does, for any batch (exported with %s)', async (batch) => {
    const source = exported(batch);
    const model = normalizeModel(source);
    expect(model.graph.nodes.map((node) => node.type)).toEqual(['Conv', 'Clip', 'Identity', 'Reshape', 'Gemm']);
    expect(model.graph.inputs[0]?.shape).toEqual(['N', 3, 4, 4]);
    expect(model.graph.outputs[0]?.shape).toEqual(['N', 3]);
    const pictures = noiseArray(2 * 48, 8);
    const both = await run(model, pictures, [2, 3, 4, 4]);
    for (const index of [0, 1]) {
      const one = await run(source, pictures.slice(index * 48, (index + 1) * 48), [1, 3, 4, 4]);
      expectClose(both.subarray(index * 3, (index + 1) * 3), one, { label: `picture ${index}`, tolerance: 1e-5 });
    }
  });

  it('stays as it is when normalised again', () => {
    const once = normalizeModel(exported('N'));
    expect(encodeModel(normalizeModel(decodeModel(encodeModel(once))))).toEqual(encodeModel(once));
  });

  it('refuses what it cannot understand, by name', () => {
    const refusal = (make: (graph: GraphBuilder) => string, opset = 17) => {
      const graph = new GraphBuilder();
      graph.output(make(graph));
      return () => normalizeModel(graph.build({ opset }));
    };
    expect(refusal((graph) => graph.op('LSTM', [graph.input('x', ['N', 3])]))).toThrow(/operator "LSTM"/);
    expect(refusal((graph) => graph.op('Relu', [graph.input('x', ['N', 3, 'h', 'w'])]))).toThrow(
      /not only its batch is open/,
    );
    expect(refusal((graph) => graph.op('Add', [graph.input('x', ['N', 3]), graph.input('z', ['N', 3])]))).toThrow(
      /exactly one float32 input/,
    );
    expect(refusal((graph) => graph.op('Relu', [graph.input('x', ['N', 3])]), 99)).toThrow(/operator set 99/);
    expect(refusal((graph) => graph.op('Reshape', [graph.input('x', ['N', 3]), graph.int64(-1, 2)]))).toThrow(
      /turns \[N, 3\] into \[-1, 2\]/,
    );
  });
});

describe('cutting', () => {
  const model = decodeModel(
    residualLearner({ channels: 4, size: 9, blocks: [{ channels: 4 }, { channels: 8, down: true }], dimension: 3 }),
  );

  it('finds exactly the tensors that everything flows through', () => {
    const cuts = legalCuts(model);
    // Inside a residual block the shortcut passes every tensor by: only sums, their Relus and what follows remain.
    expect(cuts.map(({ tensor }) => tensor.replace(/~.*/, ''))).toEqual(['Add', 'Relu', 'Add', 'Relu', 'ReduceMean']);
    for (const { extractor, learner } of cuts) {
      expect(extractor.parameters + learner.parameters).toBe(
        cuts[0]!.extractor.parameters + cuts[0]!.learner.parameters,
      );
      expect(extractor.flops + learner.flops).toBe(cuts[0]!.extractor.flops + cuts[0]!.learner.flops);
    }
  });

  it('makes two models that together are the whole, at every legal place', async () => {
    const picture = noiseArray(3 * 4 * 81, 2);
    const whole = await run(model, picture, [3, 4, 9, 9]);
    for (const { tensor, shape } of legalCuts(model)) {
      const { extractor, learner } = cutModel(model, tensor);
      const features = await run(extractor, picture, [3, 4, 9, 9]);
      expectClose(await run(learner, features, [3, ...shape]), whole, { label: tensor, tolerance: 1e-5 });
    }
  });

  it('counts operations as multiplications and additions', () => {
    const { learner } = legalCuts(decodeModel(residualLearner(faceApiLearner)))[0]!;
    expect(learner.flops).toBeGreaterThan(1e8);
    expect(learner.parameters).toBeGreaterThan(4e6);
  });

  it('says where else to cut', () => {
    const inside = model.graph.nodes[0]!.outputs[0]!;
    expect(() => cutModel(model, inside)).toThrow(/something passes it by/);
    try {
      cutModel(model, 'nowhere');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SafaceError);
      expect((error as SafaceError).remedy).toContain(`${legalCuts(model)[0]!.tensor} [4, 9, 9]`);
    }
  });
});

it.skipIf(!existsSync(mobileFaceNet))(
  'imports MobileFaceNet, whose file fixes the batch, and cuts it (needs shared/data)',
  async () => {
    const bytes = readFileSync(mobileFaceNet);
    const model = normalizeModel(decodeModel(bytes));
    const cuts = legalCuts(model);
    const { tensor, shape } = cuts.find((cut) => cut.tensor.includes('features.10/Add'))!;
    const { extractor, learner } = cutModel(model, tensor);
    const area = 3 * 112 * 112;
    const faces = noiseArray(2 * area, 3);
    const embeddings = await run(learner, await run(extractor, faces, [2, 3, 112, 112]), [2, ...shape]);
    for (const index of [0, 1]) {
      const one = await run(bytes, faces.slice(index * area, (index + 1) * area), [1, 3, 112, 112]);
      expectClose(embeddings.subarray(index * 128, (index + 1) * 128), one, {
        label: `face ${index}`,
        tolerance: 1e-4,
      });
    }
  },
);
