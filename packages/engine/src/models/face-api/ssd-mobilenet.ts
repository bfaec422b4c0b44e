import { GraphBuilder } from '../../onnx/index.ts';
import { onnxFilters, type Weights, weight } from './weights.ts';

const BATCH_NORM_EPSILON = 0.0010000000474974513;
const STRIDE_2_BLOCKS = new Set([2, 4, 6, 12]);
/** Anchors of each cell, per prediction layer. */
const ANCHORS_PER_CELL = [3, 6, 6, 6, 6, 6] as const;

/**
 * SSD-MobileNetV1 face detector as ONNX.
 *
 * Input `image` uint8 [N, H, W, 3], RGB, any H and W. Outputs `scores` [N, A], 0..1, and `boxes` [N, A, 4], the raw box
 * code (cy, cx, h, w) relative to the anchors of `ssd-anchors.ts`, in the same order.
 * All padding is TensorFlow's SAME, so that other sizes than the 512 px of the training work.
 */
export function buildDetector(weights: Weights): Uint8Array {
  const g = new GraphBuilder();
  const size = ['batch', 'height', 'width'] as const;
  let x = g.input('image', [...size, 3], 'uint8');
  x = g.op('Cast', [x], { to: 1 });
  x = g.op('Transpose', [x], { perm: [0, 3, 1, 2] });
  x = g.op('Sub', [g.op('Mul', [x, g.scalar(1 / 127.5)]), g.scalar(1)]);

  const clip6 = (value: string) => g.op('Clip', [value, g.scalar(0), g.scalar(6)]);
  const conv = (
    input: string,
    name: string,
    options: { stride?: number; bias: string; activate: boolean; filters: string },
  ) => {
    const w = onnxFilters(weight(weights, options.filters));
    const y = g.op(
      'Conv',
      [
        input,
        g.constant(w.data, w.shape, `${name}/w`),
        g.constant(weight(weights, options.bias).data, undefined, `${name}/b`),
      ],
      { kernel_shape: w.shape.slice(2), strides: [options.stride ?? 1, options.stride ?? 1], auto_pad: 'SAME_UPPER' },
    );
    return options.activate ? clip6(y) : y;
  };
  const pointwise = (input: string, scope: string, index: number, stride = 1) => {
    const prefix = `${scope}/Conv2d_${index}_pointwise`;
    return conv(input, prefix, {
      stride,
      filters: `${prefix}/weights`,
      bias: `${prefix}/convolution_bn_offset`,
      activate: true,
    });
  };
  const depthwise = (input: string, index: number) => {
    const prefix = `MobilenetV1/Conv2d_${index}_depthwise`;
    const norm = (part: string) => weight(weights, `${prefix}/BatchNorm/${part}`).data;
    const variance = norm('moving_variance');
    const scale = norm('gamma').map((gamma, c) => gamma / Math.sqrt(variance[c]! + BATCH_NORM_EPSILON));
    const mean = norm('moving_mean');
    const bias = norm('beta').map((beta, c) => beta - mean[c]! * scale[c]!);
    const w = onnxFilters(weight(weights, `${prefix}/depthwise_weights`), { scale, depthwise: true });
    const stride = STRIDE_2_BLOCKS.has(index) ? 2 : 1;
    return clip6(
      g.op('Conv', [input, g.constant(w.data, w.shape, `${prefix}/w`), g.constant(bias, undefined, `${prefix}/b`)], {
        kernel_shape: [3, 3],
        group: w.shape[0]!,
        strides: [stride, stride],
        auto_pad: 'SAME_UPPER',
      }),
    );
  };

  x = pointwise(x, 'MobilenetV1', 0, 2);
  let block11 = x;
  for (let index = 1; index <= 13; index++) {
    x = pointwise(depthwise(x, index), 'MobilenetV1', index);
    if (index === 11) block11 = x;
  }
  const maps = [block11, x];
  for (let index = 0; index < 8; index += 2) {
    x = pointwise(pointwise(x, 'Prediction', index), 'Prediction', index + 1, 2);
    maps.push(x);
  }

  const boxes: string[] = [];
  const classes: string[] = [];
  for (const [layer, map] of maps.entries()) {
    const head = (kind: 'BoxEncodingPredictor' | 'ClassPredictor', values: number) => {
      const prefix = `Prediction/BoxPredictor_${layer}/${kind}`;
      const y = conv(map, prefix, { filters: `${prefix}/weights`, bias: `${prefix}/biases`, activate: false });
      // [N, anchors * values, h, w] -> [N, h * w * anchors, values]
      return g.op('Reshape', [g.op('Transpose', [y], { perm: [0, 2, 3, 1] }), g.int64(0, -1, values)]);
    };
    boxes.push(head('BoxEncodingPredictor', 4));
    classes.push(head('ClassPredictor', 3));
  }
  const anchors = ['batch', 'anchors'] as const;
  g.op('Concat', boxes, { axis: 1 }, 'boxes');
  // Class 0 is the background, 1 the face, 2 unused.
  const face = g.op('Gather', [g.op('Concat', classes, { axis: 1 }), g.constant(BigInt64Array.of(1n), [])], {
    axis: 2,
  });
  g.op('Sigmoid', [face], {}, 'scores');
  g.output('scores', anchors);
  g.output('boxes', [...anchors, 4]);
  return g.encode({ metadata: { 'saface.kind': 'face-api-ssd', 'saface.anchorsPerCell': ANCHORS_PER_CELL.join() } });
}
