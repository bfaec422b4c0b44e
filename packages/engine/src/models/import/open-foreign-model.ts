import { SafaceError } from '@saface/core';
import { decodeModel, type OnnxModel } from '../../onnx/model.ts';
import { normalizeModel } from '../../onnx/normalize.ts';
import { dequantize } from './dequantize.ts';
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
  const single = toFloat32(decodeModel(bytes, external));
  const whole = dequantize(single.model);
  const sized = closeSides(whole.model, size);
  const model = normalizeModel(sized);
  checkFinite(model);
  const notes =
    sized === whole.model ? [] : [`The file leaves the size of the pictures open: taken as ${size}x${size}`];
  return { model, notes: [...single.notes, ...whole.notes, ...notes] };
}

/** Gives the pictures of a model [N, C, H, W] the side `size` where the file leaves H or W open. */
function closeSides(model: OnnxModel, size: number): OnnxModel {
  const [input, ...others] = model.graph.inputs;
  if (input?.shape?.length !== 4 || !input.shape.slice(2).some((dim) => typeof dim === 'string')) return model;
  const shape = input.shape.map((dim, axis) => (axis >= 2 && typeof dim === 'string' ? size : dim));
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
