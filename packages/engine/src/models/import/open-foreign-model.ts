import { SafaceError } from '@saface/core';
import { decodeModel, type OnnxModel } from '../../onnx/model.ts';
import { normalizeModel } from '../../onnx/normalize.ts';
import { toFloat32 } from './to-float32.ts';

export interface ForeignModelOptions {
  /** Side of the pictures where the file leaves it open. */
  readonly size: number;
  readonly external?: ReadonlyMap<string, Uint8Array>;
}

/** A model of any exporter in normal form, and what had to be changed for it. */
export async function openForeignModel(
  bytes: Uint8Array,
  { external }: ForeignModelOptions,
): Promise<{ model: OnnxModel; notes: string[] }> {
  const { model: single, notes } = toFloat32(decodeModel(bytes, external));
  const model = normalizeModel(single);
  checkFinite(model);
  return { model, notes };
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
