import { SafaceError } from '@saface/core';
import { decodeModel, encodeModel, type OnnxModel } from '../../onnx/model.ts';
import { floatData, floatTensor, OrtSession } from '../../runtime/session.ts';
import { channelsFirst, coloursLast, turnPictures } from './channels-first.ts';
import { dequantize } from './dequantize.ts';
import { normalizeForeign } from './describe-unknown.ts';
import { floatPixels } from './float-pixels.ts';
import { toFloat32 } from './to-float32.ts';

export interface ForeignModelOptions {
  /** Side of the pictures where the file leaves it open. */
  readonly size: number;
  readonly external?: ReadonlyMap<string, Uint8Array>;
}

/** A model of any exporter in normal form, and what had to be changed for it. */
export async function openForeignModel(
  bytes: Uint8Array,
  { external, size }: ForeignModelOptions,
): Promise<{ model: OnnxModel; notes: string[] }> {
  const pixels = floatPixels(decodeModel(bytes, external));
  const single = toFloat32(pixels.model);
  const whole = dequantize(single.model);
  const turned = channelsFirst(whole.model);
  const sized = closeSides(turned, size);
  const model = await normalizeForeign(sized);
  checkFinite(model);
  // What was quantised computes something else on purpose.
  const changes = [...pixels.notes, ...single.notes, ...whole.notes];
  if (sized === turned && changes.length === 0 && !external?.size) await checkSame(bytes, model);
  const notes = sized === turned ? [] : [`The file leaves the size of the pictures open: taken as ${size}x${size}`];
  return { model, notes: [...changes, ...notes] };
}

/** As a share of the largest value. */
const MOST_DIFFERENCE = 1e-3;

/**
 * Runs the file as it came beside its normal form: whatever an exporter meant otherwise than SaFace reads it shows here.
 * @throws SafaceError 'unsupported' when they compute different things
 */
export async function checkSame(bytes: Uint8Array, model: OnnxModel): Promise<void> {
  const [input, output] = [model.graph.inputs[0]!, model.graph.outputs[0]!];
  // A runtime that cannot run the file as it is has nothing to compare.
  const original = await OrtSession.create(bytes).catch(() => null);
  if (!original) return;
  try {
    const { name: own, shape } = original.inputs[0]!;
    const [batch, ...rest] = shape;
    if (!rest.every((dim) => typeof dim === 'number')) return;
    const count = typeof batch === 'number' && batch > 0 ? batch : 2;
    const picture = Float32Array.from({ length: rest.reduce((product, dim) => product * dim, count) }, (_, index) =>
      Math.sin(index * 1.7),
    );
    const turned = coloursLast(shape) ? turnPictures(picture, [count, ...rest]) : picture;
    const feeds = { [input.name]: floatTensor(turned, [count, ...(input.shape!.slice(1) as number[])]) };
    const normal = await OrtSession.create(encodeModel(model));
    try {
      const before = await original.run({ [own]: floatTensor(picture, [count, ...rest]) }).catch(() => null);
      if (!before) return;
      // A picture of one pixel was made a vector, of another name.
      const { name } = original.outputs.find((each) => each.name === output.name) ?? original.outputs[0]!;
      const expected = floatData(before[name], name);
      const got = floatData((await normal.run(feeds))[output.name], output.name);
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const difference = expected.reduce((most, value, index) => Math.max(most, Math.abs(value - got[index]!)), 0);
      // Embeddings that are no numbers are told of when faces are tried.
      if (!Number.isFinite(largest) || difference <= MOST_DIFFERENCE * largest) return;
      throw new SafaceError(
        'unsupported',
        `Brought into the form that can learn, the model computes something else (by ${((100 * difference) / largest).toFixed(1)} %)`,
        'Export it again with ONNX operator set 17, and report it if that does not help.',
      );
    } finally {
      await normal.dispose();
    }
  } finally {
    await original.dispose();
  }
}

/** Gives the pictures of a model [N, C, H, W] three colours and the side `size` where the file leaves C, or H or W, open. */
function closeSides(model: OnnxModel, size: number): OnnxModel {
  const [input, ...others] = model.graph.inputs;
  if (input?.shape?.length !== 4 || !input.shape.slice(1).some((dim) => typeof dim === 'string')) return model;
  const shape = input.shape.map((dim, axis) => (axis === 0 || typeof dim === 'number' ? dim : axis === 1 ? 3 : size));
  return { ...model, graph: { ...model.graph, inputs: [{ ...input, shape }, ...others] } };
}

/** @throws SafaceError 'integrity' that names a weight with values that are not numbers */
function checkFinite({ graph }: OnnxModel): void {
  for (const { name, data } of graph.initializers.values()) {
    if (!(data instanceof Float32Array) || data.every(Number.isFinite)) continue;
    throw new SafaceError(
      'integrity',
      `The weight "${name}" has values that are not finite numbers`,
      'The model is damaged or its training diverged: use another copy of it.',
    );
  }
}
