import type { RecogniserSpec, TemplateAlignment } from '@saface/core';
import { meanFaceTemplate } from '../../faces/mean-face.ts';
import { GraphBuilder } from '../../onnx/index.ts';
import { onnxFilters, type Weights, weight } from './weights.ts';

const INPUT_SIZE = 150;

/** Residual blocks in order; `down` halves the side and may widen the channels. Side is that of the block's input. */
const BLOCKS = [
  { name: 'conv32_1', down: false, channels: 32, side: 35 },
  { name: 'conv32_2', down: false, channels: 32, side: 35 },
  { name: 'conv32_3', down: false, channels: 32, side: 35 },
  { name: 'conv64_down', down: true, channels: 64, side: 35 },
  { name: 'conv64_1', down: false, channels: 64, side: 17 },
  { name: 'conv64_2', down: false, channels: 64, side: 17 },
  { name: 'conv64_3', down: false, channels: 64, side: 17 },
  { name: 'conv128_down', down: true, channels: 128, side: 17 },
  { name: 'conv128_1', down: false, channels: 128, side: 8 },
  { name: 'conv128_2', down: false, channels: 128, side: 8 },
  { name: 'conv256_down', down: true, channels: 256, side: 8 },
  { name: 'conv256_1', down: false, channels: 256, side: 4 },
  { name: 'conv256_2', down: false, channels: 256, side: 4 },
  { name: 'conv256_down_out', down: true, channels: 256, side: 4 },
] as const;

/** Tensors at which the recogniser can be cut, from the input on: the output of every residual block. */
export const recogniserCuts: readonly string[] = ['conv32_down/out', ...BLOCKS.map(({ name }) => `${name}/out`)];

export const faceApiRecogniser: RecogniserSpec & { readonly alignment: TemplateAlignment } = {
  name: 'face-api-resnet',
  input: { size: INPUT_SIZE, channels: 'rgb', mean: [122.782, 117.001, 104.298], scale: [1 / 255, 1 / 255, 1 / 255] },
  alignment: { size: INPUT_SIZE, template: meanFaceTemplate(INPUT_SIZE, 0.25) },
  dimension: 128,
  metric: 'euclidean',
  // The learner is the last seven residual blocks and the fully connected layer.
  defaultCut: 'conv64_3/out',
  defaultThreshold: 0.6,
};

/**
 * The residual network of 29 convolutions as ONNX, its scale layers folded into the convolutions.
 *
 * Input `input` float32 [N, 3, 150, 150], normalised as `faceApiRecogniser.input` says. Output `embedding` [N, 128], not
 * normalised. The output of block B is the tensor `B/out`.
 */
export function buildRecogniser(weights: Weights): Uint8Array {
  const g = new GraphBuilder();
  const input = g.input('input', ['batch', 3, INPUT_SIZE, INPUT_SIZE]);

  const conv = (x: string, name: string, { stride = 1, pad = 0 }: { stride?: number; pad?: number } = {}) => {
    const scale = weight(weights, `${name}/scale/weights`).data;
    const shift = weight(weights, `${name}/scale/biases`).data;
    const w = onnxFilters(weight(weights, `${name}/conv/filters`), { scale });
    const bias = weight(weights, `${name}/conv/bias`).data.map((value, c) => value * scale[c]! + shift[c]!);
    return g.op('Conv', [x, g.constant(w.data, w.shape, `${name}/w`), g.constant(bias, undefined, `${name}/b`)], {
      kernel_shape: w.shape.slice(2),
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
  };
  const relu = (x: string, name?: string) => g.op('Relu', [x], {}, name);

  let x = relu(conv(input, 'conv32_down', { stride: 2 }));
  x = g.op('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2] }, 'conv32_down/out');
  let channels = 32;
  for (const block of BLOCKS) {
    const { name, down, side } = block;
    let y = relu(conv(x, `${name}/conv1`, down ? { stride: 2 } : { pad: 1 }));
    y = conv(y, `${name}/conv2`, { pad: 1 });
    let skip = x;
    if (down) {
      skip = g.op('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
      // The pooled side is floor(side / 2), the convolved one floor((side - 3) / 2) + 1: a row and column of zeros may be missing.
      const missing = Math.floor(side / 2) - (Math.floor((side - 3) / 2) + 1);
      if (missing > 0) y = g.op('Pad', [y, g.int64(0, 0, 0, 0, 0, 0, missing, missing)]);
      if (block.channels > channels)
        skip = g.op('Pad', [skip, g.int64(0, 0, 0, 0, 0, block.channels - channels, 0, 0)]);
    }
    x = relu(g.op('Add', [y, skip]), `${name}/out`);
    channels = block.channels;
  }
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [x])], { axis: 1 });
  const fc = weight(weights, 'fc');
  g.op('MatMul', [pooled, g.constant(fc.data, fc.shape, 'fc/w')], {}, 'embedding');
  g.output('embedding', ['batch', faceApiRecogniser.dimension]);
  return g.encode({ metadata: { 'saface.kind': faceApiRecogniser.name } });
}
