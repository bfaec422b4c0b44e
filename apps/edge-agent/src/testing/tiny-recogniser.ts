import { createRandom } from '@saface/core';
import { GraphBuilder } from '@saface/engine/onnx/index';

/**
 * A recogniser small enough to train in a moment: 8 x 8 pixels, one convolution before the cut at `features`, one and a projection after
 * it. Its weights are made up.
 */
export function tinyRecogniser(): Uint8Array {
  const random = createRandom(3);
  const graph = new GraphBuilder();
  const weight = (dims: readonly number[], gain = 1) => {
    const count = dims.reduce((product, n) => product * n, 1);
    const data = Float32Array.from(
      { length: count },
      () => gain * (random() * 2 - 1) * Math.sqrt(6 / (count / dims[0]!)),
    );
    return graph.constant(data, dims);
  };
  const conv = (x: string, dims: readonly number[], output?: string) => {
    const attributes = { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] };
    const y = graph.op('Conv', [x, weight(dims), weight([dims[0]!])], attributes);
    return graph.op('Relu', [y], {}, output);
  };
  const input = graph.input('input', ['batch', 3, 8, 8]);
  const features = conv(input, [8, 3, 3, 3], 'features');
  const deeper = conv(features, [8, 8, 3, 3]);
  const pooled = graph.op('ReduceMean', [deeper], { axes: [2, 3], keepdims: 0 });
  const embedding = graph.op('MatMul', [pooled, weight([8, 4], 8)]);
  graph.output(embedding, ['batch', 4]);
  return graph.encode();
}
