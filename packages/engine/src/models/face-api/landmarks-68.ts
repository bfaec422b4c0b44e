import { GraphBuilder } from '../../onnx/index.ts';
import { onnxFilters, type Weights, weight } from './weights.ts';

export const LANDMARK_INPUT_SIZE = 112;

/**
 * The 68-point landmark net as ONNX.
 *
 * Input `image` uint8 [N, 112, 112, 3], RGB, the detector's box fitted into the square. Output `points` [N, 136]: x and y
 * in turn, 0..1 of the square.
 */
export function buildLandmarks(weights: Weights): Uint8Array {
  const g = new GraphBuilder();
  let x = g.input('image', ['batch', LANDMARK_INPUT_SIZE, LANDMARK_INPUT_SIZE, 3], 'uint8');
  x = g.op('Transpose', [g.op('Cast', [x], { to: 1 })], { perm: [0, 3, 1, 2] });
  const mean = g.constant(Float32Array.of(122.782, 117.001, 104.298), [1, 3, 1, 1]);
  x = g.op('Mul', [g.op('Sub', [x, mean]), g.scalar(1 / 255)]);

  const param = (name: string) => g.constant(weight(weights, name).data, undefined, name);
  const filters = (name: string, depthwise = false) => {
    const w = onnxFilters(weight(weights, name), { depthwise });
    return { name: g.constant(w.data, w.shape, name), shape: w.shape };
  };
  const separable = (input: string, prefix: string, stride: number) => {
    const depth = filters(`${prefix}/depthwise_filter`, true);
    const point = filters(`${prefix}/pointwise_filter`);
    const spread = g.op('Conv', [input, depth.name], {
      kernel_shape: [3, 3],
      group: depth.shape[0]!,
      strides: [stride, stride],
      auto_pad: 'SAME_UPPER',
    });
    return g.op('Conv', [spread, point.name, param(`${prefix}/bias`)], { kernel_shape: [1, 1] });
  };
  const relu = (value: string) => g.op('Relu', [value]);
  const add = (a: string, b: string) => g.op('Add', [a, b]);

  for (let block = 0; block < 4; block++) {
    const prefix = `dense${block}`;
    const first = `${prefix}/conv0`;
    const one = relu(
      block === 0
        ? g.op('Conv', [x, filters(`${first}/filters`).name, param(`${first}/bias`)], {
            kernel_shape: [3, 3],
            strides: [2, 2],
            auto_pad: 'SAME_UPPER',
          })
        : separable(x, first, 2),
    );
    const sum2 = add(one, separable(one, `${prefix}/conv1`, 1));
    const sum3 = add(sum2, separable(relu(sum2), `${prefix}/conv2`, 1));
    x = relu(add(sum3, separable(relu(sum3), `${prefix}/conv3`, 1)));
  }
  const pooled = g.op('Flatten', [g.op('AveragePool', [x], { kernel_shape: [7, 7], strides: [2, 2] })], { axis: 1 });
  const fc = weight(weights, 'fc/weights');
  g.op('Gemm', [pooled, g.constant(fc.data, fc.shape, 'fc/weights'), param('fc/bias')], {}, 'points');
  g.output('points', ['batch', 136]);
  return g.encode({ metadata: { 'saface.kind': 'face-api-68' } });
}
