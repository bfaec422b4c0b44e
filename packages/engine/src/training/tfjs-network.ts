import { SafaceError } from '@saface/core';
import { decodeModel } from '../onnx/model.ts';
import { normalizeModel } from '../onnx/normalize.ts';
import type { Network } from './network.ts';
import { TfGraph } from './tfjs-graph.ts';
import type { TfModule } from './tfjs-runtime.ts';

/**
 * A model file on TensorFlow.js.
 * @throws SafaceError 'integrity' for bytes that are no ONNX model, 'unsupported' for one that cannot be run
 */
export async function openTfNetwork(tf: TfModule, bytes: Uint8Array): Promise<Network> {
  const file = decodeModel(bytes);
  const graph = new TfGraph(tf, normalizeModel(file));
  // As the file has it: a fixed batch is refused the same way as by the other engine.
  const inputShape = file.graph.inputs[0]?.shape;
  let disposed = false;
  return {
    inputShape,
    outputShape: graph.outputShape,
    async run(values, count) {
      if (disposed)
        throw new SafaceError('internal', 'The model is used after it was closed', 'Report this as a defect.');
      return tf.tidy(() => {
        const output = graph.run(tf.tensor(values, [count, ...(inputShape ?? []).slice(1).map(Number)]));
        return Float32Array.from(output.dataSync());
      });
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      graph.dispose();
    },
  };
}
