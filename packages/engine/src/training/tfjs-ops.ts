import { SafaceError } from '@saface/core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { OperatorView } from '../onnx/ops/operator.ts';
import { type Window, windowOf } from '../onnx/ops/window.ts';
import type { TfModule } from './tfjs-runtime.ts';

export interface TfContext {
  readonly tf: TfModule;
  /** The result will be differentiated. */
  readonly training: boolean;
}

/** Computes one ONNX operator with TensorFlow.js; inputs that are not given are undefined. */
type TfOperator = (tf: TfModule, inputs: readonly Tensor[], view: OperatorView, training: boolean) => Tensor;

const toLast = [0, 2, 3, 1];
const toFirst = [0, 3, 1, 2];

/** Images are channel-first in ONNX; TensorFlow's kernels are channel-last on every backend. */
function spatially(x: Tensor, compute: (image: Tensor4D) => Tensor): Tensor {
  return compute(x.transpose<Tensor4D>(toLast)).transpose(toFirst);
}

function padded(tf: TfModule, image: Tensor4D, { pads }: Window, value = 0): Tensor4D {
  const [top, left, bottom, right] = pads;
  return pads.some((pad) => pad > 0)
    ? tf.pad(
        image,
        [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ],
        value,
      )
    : image;
}

/** What each cell of the kernel sees, as a matrix [N * rows * columns, C]. `image` is padded already. */
function cellViews(tf: TfModule, image: Tensor4D, { kernel, strides, dilations, output }: Window): Tensor2D[] {
  const [batch, , , channels] = image.shape;
  const [rows, columns] = output;
  const room = tf.pad(image, [
    [0, 0],
    [0, strides[0] - 1],
    [0, strides[1] - 1],
    [0, 0],
  ]);
  return Array.from({ length: kernel[0] * kernel[1] }, (_, index) => {
    const start = [0, Math.floor(index / kernel[1]) * dilations[0], (index % kernel[1]) * dilations[1], 0];
    const seen = tf.slice(room, start, [batch, rows * strides[0], columns * strides[1], channels]);
    // Of every `stride` rows, then columns, the first one.
    const [height, width] = [batch * rows, columns * strides[1] * channels];
    const everyRow = tf.slice(seen.reshape([height, strides[0] * width]), [0, 0], [height, width]);
    return tf.slice(
      everyRow.reshape<Tensor2D>([height * columns, strides[1] * channels]),
      [0, 0],
      [height * columns, channels],
    );
  });
}

/**
 * A dense convolution as one matrix product. The JavaScript and WebAssembly backends have a fast matrix product, but
 * differentiate convolutions value by value or not at all: a training step is some twenty times faster this way.
 */
function unrolledConv(tf: TfModule, image: Tensor4D, { kernel, window }: { kernel: Tensor4D; window: Window }): Tensor {
  const cells = cellViews(tf, image, window);
  const columns = cells.length === 1 ? cells[0]! : tf.concat(cells, 1);
  const product = tf.matMul(columns, kernel.reshape([-1, kernel.shape[3]]));
  return product.reshape([image.shape[0], ...window.output, kernel.shape[3]]);
}

/** A depthwise convolution as a sum over the cells of its kernel; `weights` are [C, 1, kh, kw]. */
function unrolledDepthwise(
  tf: TfModule,
  image: Tensor4D,
  { weights, window }: { weights: Tensor; window: Window },
): Tensor {
  const channels = weights.shape[0]!;
  const cells = cellViews(tf, image, window);
  const factors = tf.unstack(weights.reshape([channels, cells.length]).transpose());
  const [first, ...others] = cells.map((cell, index) => cell.mul(factors[index]!));
  const sum = others.reduce((total, part) => total.add(part), first!);
  return sum.reshape([image.shape[0], ...window.output, channels]);
}

const conv: TfOperator = (tf, [x, weights, bias], view, training) => {
  const groups = view.int('group', 1);
  const window = windowOf(view, weights!.shape.slice(2));
  const strides = [...window.strides] as [number, number];
  const dilations = [...window.dilations] as [number, number];
  const dilated = dilations.some((dilation) => dilation > 1);
  const depthwise = groups > 1 && groups === x!.shape[1] && weights!.shape[0] === groups;
  const backend = tf.getBackend();
  // The plain backend convolves value by value; the WebAssembly one cannot differentiate what it convolves.
  const unrolled = backend === 'cpu' || (training && backend === 'wasm');
  if (dilated && training && !unrolled)
    throw view.refuse('TensorFlow.js cannot differentiate dilated convolutions on this backend');
  const plain = (image: Tensor4D, kernel: Tensor4D): Tensor =>
    unrolled
      ? unrolledConv(tf, image, { kernel, window })
      : tf.conv2d(image, kernel, strides, 'valid', 'NHWC', dilations);
  return spatially(x!, (unpadded) => {
    const image = padded(tf, unpadded, window);
    const output = (): Tensor => {
      if (depthwise && unrolled) return unrolledDepthwise(tf, image, { weights: weights!, window });
      if (depthwise) {
        const kernel = weights!.transpose<Tensor4D>([2, 3, 0, 1]);
        return tf.depthwiseConv2d(image, kernel, strides, 'valid', 'NHWC', dilations);
      }
      const kernel = weights!.transpose<Tensor4D>([2, 3, 1, 0]);
      if (groups === 1) return plain(image, kernel);
      const parts = tf.split<Tensor4D>(image, groups, 3);
      const kernels = tf.split<Tensor4D>(kernel, groups, 3);
      return tf.concat(
        kernels.map((part, group) => plain(parts[group]!, part)),
        3,
      );
    };
    return bias ? output().add(bias) : output();
  });
};

const averagePool: TfOperator = (tf, [x], view) => {
  const window = windowOf(view, view.ints('kernel_shape'));
  const kernel = [...window.kernel] as [number, number];
  const pool = (image: Tensor4D) =>
    tf.avgPool(padded(tf, image, window), kernel, [...window.strides] as [number, number], 'valid');
  return spatially(x!, (image) => {
    if (view.int('count_include_pad', 0) === 1 || window.pads.every((pad) => pad === 0)) return pool(image);
    // The mean of an image of ones is the share of each window that lies inside.
    return pool(image).div(pool(tf.ones([1, ...window.input, 1])));
  });
};

const maxPool: TfOperator = (tf, [x], view) => {
  const window = windowOf(view, view.ints('kernel_shape'));
  return spatially(x!, (image) =>
    tf.maxPool(
      padded(tf, image, window, -3.4e38),
      [...window.kernel] as [number, number],
      [...window.strides] as [number, number],
      'valid',
    ),
  );
};

const batchNormalization: TfOperator = (_, [x, scale, shift, mean, variance], view) => {
  const dims = [-1, ...x!.shape.slice(2).map(() => 1)];
  const slope = scale!.div(variance!.add(view.float('epsilon', 1e-5)).sqrt());
  return x!.mul(slope.reshape(dims)).add(shift!.sub(mean!.mul(slope)).reshape(dims));
};

const gemm: TfOperator = (tf, [a, b, c], view) => {
  const product = tf
    .matMul(a!, b!, view.int('transA', 0) === 1, view.int('transB', 0) === 1)
    .mul(view.float('alpha', 1));
  return c ? product.add(c.mul(view.float('beta', 1))) : product;
};

const slice: TfOperator = (tf, [x], view) => {
  const rank = x!.shape.length;
  const axes = (view.integers(3) ?? view.integers(1)!.map((_, axis) => axis)).map((axis) => (axis + rank) % rank);
  if (view.integers(4)?.some((step) => step !== 1))
    throw view.refuse('TensorFlow.js cannot differentiate slices with steps');
  const bound = (input: 1 | 2, axis: number, whole: number) => {
    const given = view.integers(input)![axes.indexOf(axis)] ?? whole;
    return Math.min(Math.max(given < 0 ? given + x!.shape[axis]! : given, 0), x!.shape[axis]!);
  };
  const starts = x!.shape.map((_, axis) => bound(1, axis, 0));
  return tf.slice(
    x!,
    starts,
    x!.shape.map((size, axis) => bound(2, axis, size) - starts[axis]!),
  );
};

const pad: TfOperator = (tf, [x], view) => {
  const pads = view.integers(1)!;
  const rank = x!.shape.length;
  if (pads.some((amount) => amount < 0)) throw view.refuse('the TensorFlow.js engine does not crop with Pad');
  return tf.pad(
    x!,
    x!.shape.map((_, axis) => [pads[axis]!, pads[axis + rank]!] as [number, number]),
  );
};

const reduced =
  (reduce: (x: Tensor, axes: number[], keep: boolean) => Tensor): TfOperator =>
  (_, [x], view) => {
    const rank = x!.shape.length;
    const axes = view.ints('axes') ?? view.integers(1) ?? x!.shape.map((__, axis) => axis);
    return reduce(
      x!,
      axes.map((axis) => (axis + rank) % rank),
      view.int('keepdims', 1) === 1,
    );
  };

/** Every view-like operator: the shape was inferred already, only the batch is taken from the data. */
const reshaped: TfOperator = (_, [x], view) =>
  x!.reshape(view.outputShape.map((dim) => (typeof dim === 'string' ? -1 : dim)));

const operators: Readonly<Record<string, TfOperator>> = {
  Add: (_, [a, b]) => a!.add(b!),
  Sub: (_, [a, b]) => a!.sub(b!),
  Mul: (_, [a, b]) => a!.mul(b!),
  Div: (_, [a, b]) => a!.div(b!),
  Relu: (_, [x]) => x!.relu(),
  LeakyRelu: (_, [x], view) => x!.leakyRelu(view.float('alpha', 0.01)),
  PRelu: (_, [x, slope]) => x!.relu().add(x!.minimum(0).mul(slope!)),
  Clip: (_, [x], view) => x!.clipByValue(view.number(1) ?? -3.4e38, view.number(2) ?? 3.4e38),
  Sigmoid: (_, [x]) => x!.sigmoid(),
  Erf: (_, [x]) => x!.erf(),
  Exp: (_, [x]) => x!.exp(),
  Sqrt: (_, [x]) => x!.sqrt(),
  Tanh: (_, [x]) => x!.tanh(),
  HardSwish: (_, [x]) => x!.mul(x!.div(6).add(0.5).clipByValue(0, 1)),
  Softmax: (_, [x], view) => {
    const axis = view.int('axis', -1);
    const powers = x!.sub(x!.max(axis, true)).exp();
    return powers.div(powers.sum(axis, true));
  },
  Identity: (_, [x]) => x!.clone(),
  Dropout: (_, [x]) => x!.clone(),
  Conv: conv,
  AveragePool: averagePool,
  MaxPool: maxPool,
  GlobalAveragePool: (_, [x]) => x!.mean([2, 3], true),
  BatchNormalization: batchNormalization,
  // As ONNX Runtime has it, what is 0 long stays so.
  LpNormalization: (_, [x], view) => x!.div(x!.square().sum(view.int('axis', -1), true).sqrt().maximum(1e-12)),
  Gemm: gemm,
  MatMul: (tf, [a, b]) => tf.matMul(a!, b!),
  Transpose: (_, [x], view) => x!.transpose(view.ints('perm') ? [...view.ints('perm')!] : undefined),
  Concat: (tf, inputs, view) => tf.concat([...inputs], view.int('axis', 0)),
  Slice: slice,
  Pad: pad,
  Expand: (tf, [x], view) => x!.mul(tf.ones(view.integers(1)!)),
  ReduceMean: reduced((x, axes, keep) => x.mean(axes, keep)),
  ReduceSum: reduced((x, axes, keep) => x.sum(axes, keep)),
  ReduceL2: reduced((x, axes, keep) => x.square().sum(axes, keep).sqrt()),
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
};

/** @throws SafaceError 'unsupported' that names the operator */
export function runTfOperator(
  { tf, training }: TfContext,
  inputs: readonly (Tensor | undefined)[],
  view: OperatorView,
): Tensor {
  const operator = operators[view.node.type];
  if (!operator) {
    throw new SafaceError(
      'unsupported',
      `The TensorFlow.js engine has no operator "${view.node.type}"`,
      'Use the engine "onnx" (SAFACE_ENGINE=onnx).',
    );
  }
  return operator(tf, inputs as readonly Tensor[], view, training);
}
