import type { GradientContext, Gradients, OperatorRule, OperatorView } from './operator.ts';
import { unreached, type Window, windowOf } from './window.ts';

interface Convolution extends Window {
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
}

function convolution(view: OperatorView): Convolution {
  const weights = view.shape(1).map((_, axis) => view.size(1, axis));
  const groups = view.int('group', 1);
  const window = windowOf(view, weights.slice(2));
  const channels = view.size(0, 1);
  if (weights[1]! * groups !== channels || weights[0]! % groups !== 0) {
    throw view.refuse(`its weights [${weights.join(', ')}] do not fit ${channels} channels in ${groups} groups`);
  }
  return { ...window, channels, filters: weights[0]!, groups };
}

/**
 * Two-dimensional convolution: x [N, C, H, W], weights [F, C / group, kh, kw], bias [F] -> [N, F, H', W'].
 * Any stride, padding, dilation and number of groups.
 */
export const conv: OperatorRule = {
  trainable: [1, 2],
  infer(view) {
    const { filters, output } = convolution(view);
    return [[view.shape(0)[0]!, filters, ...output]];
  },
  flops(view) {
    const { channels, groups, kernel, filters, output } = convolution(view);
    return 2 * (channels / groups) * kernel[0] * kernel[1] * filters * output[0] * output[1];
  },
  gradient(context) {
    const shape = convolution(context);
    return [
      context.wants(0) ? inputGradient(context, shape) : undefined,
      context.wants(1) ? weightGradient(context, shape) : undefined,
      context.wants(2)
        ? context.graph.op('ReduceSum', [context.dy, context.graph.int64(0, 2, 3)], { keepdims: 0 })
        : undefined,
    ] satisfies Gradients;
  },
};

/** True when every channel has one filter of its own. */
function isDepthwise({ channels, filters, groups }: Convolution): boolean {
  return groups === channels && filters === channels;
}

/** A depthwise kernel as large as the image: one value for each channel, a weighted mean. */
function isGlobalDepthwise(shape: Convolution): boolean {
  const { kernel, input, pads } = shape;
  return isDepthwise(shape) && kernel[0] === input[0] && kernel[1] === input[1] && pads.every((pad) => pad === 0);
}

/**
 * With stride 1 the input gradient is itself a convolution, of dy with the kernel turned by 180 degrees;
 * ONNX Runtime convolves faster than it transposes a convolution. Else: ConvTranspose.
 */
function inputGradient(context: GradientContext, shape: Convolution): string {
  const { graph, dy } = context;
  if (isGlobalDepthwise(shape)) {
    const kernel = graph.op('Reshape', [context.input(1), graph.int64(1, shape.channels, ...shape.kernel)]);
    return graph.op('Mul', [dy, kernel]);
  }
  const { kernel, strides, dilations, pads, groups } = shape;
  const reach = [dilations[0] * (kernel[0] - 1), dilations[1] * (kernel[1] - 1)] as const;
  const turnedPads = [reach[0] - pads[0], reach[1] - pads[1], reach[0] - pads[2], reach[1] - pads[3]];
  if (
    strides[0] === 1 &&
    strides[1] === 1 &&
    turnedPads.every((pad) => pad >= 0) &&
    (groups === 1 || isDepthwise(shape))
  ) {
    const swapped = groups === 1 ? graph.op('Transpose', [context.input(1)], { perm: [1, 0, 2, 3] }) : context.input(1);
    const turned = kernel[0] * kernel[1] === 1 ? swapped : turn(context, swapped);
    return graph.op('Conv', [dy, turned], { kernel_shape: kernel, dilations, pads: turnedPads, group: groups });
  }
  return graph.op('ConvTranspose', [dy, context.input(1)], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads,
    group: groups,
    output_padding: [unreached(shape, 0), unreached(shape, 1)],
  });
}

/** Reverses both spatial axes of a kernel. */
function turn({ graph }: GradientContext, weights: string): string {
  const start = graph.int64(-1, -1);
  const end = graph.int64(-0x7fffffff, -0x7fffffff);
  return graph.op('Slice', [weights, start, end, graph.int64(2, 3), graph.int64(-1, -1)]);
}

/** The part of the padded input that kernel cell (i, j) sees, for `axes` = [vertical, horizontal] of `padded`. */
function cellView(
  context: GradientContext,
  padded: string,
  { shape, cell, axes }: { shape: Convolution; cell: readonly [number, number]; axes: readonly [number, number] },
): string {
  const { graph } = context;
  const start = [cell[0] * shape.dilations[0], cell[1] * shape.dilations[1]] as const;
  const end = [
    start[0] + shape.strides[0] * (shape.output[0] - 1) + 1,
    start[1] + shape.strides[1] * (shape.output[1] - 1) + 1,
  ];
  return graph.op('Slice', [
    padded,
    graph.int64(...start),
    graph.int64(...end),
    graph.int64(...axes),
    graph.int64(...shape.strides),
  ]);
}

function cells({ kernel }: Window): [number, number][] {
  return Array.from({ length: kernel[0] * kernel[1] }, (_, index) => [
    Math.floor(index / kernel[1]),
    index % kernel[1],
  ]);
}

function weightGradient(context: GradientContext, shape: Convolution): string {
  if (isDepthwise(shape)) return depthwiseWeightGradient(context, shape);
  return shape.groups === 1 ? denseWeightGradient(context, shape) : groupedWeightGradient(context, shape);
}

/** Channel-last and padded, so that every slice of it copies long runs of memory. */
function channelLast(context: GradientContext, shape: Convolution): string {
  const { graph } = context;
  const [top, left, bottom, right] = shape.pads;
  const last = graph.op('Transpose', [context.input(0)], { perm: [0, 2, 3, 1] });
  return shape.pads.some((pad) => pad > 0)
    ? graph.op('Pad', [last, graph.int64(0, top, left, 0, 0, bottom, right, 0)])
    : last;
}

/** dW = dy [F, N H' W'] times the unrolled input [N H' W', kh kw C]: one large matrix product instead of N small ones. */
function denseWeightGradient(context: GradientContext, shape: Convolution): string {
  const { graph, dy } = context;
  const { channels, filters, kernel } = shape;
  const padded = channelLast(context, shape);
  const views = cells(shape).map((cell) => cellView(context, padded, { shape, cell, axes: [1, 2] }));
  const rows = graph.op('Reshape', [graph.op('Transpose', [dy], { perm: [1, 0, 2, 3] }), graph.int64(filters, -1)]);
  if (views.length === 1) {
    const product = graph.op('MatMul', [rows, graph.op('Reshape', [views[0]!, graph.int64(-1, channels)])]);
    return graph.op('Reshape', [product, graph.int64(filters, channels, 1, 1)]);
  }
  const unrolled = graph.op('Reshape', [
    graph.op('Concat', views, { axis: 3 }),
    graph.int64(-1, views.length * channels),
  ]);
  const product = graph.op('Reshape', [
    graph.op('MatMul', [rows, unrolled]),
    graph.int64(filters, ...kernel, channels),
  ]);
  return graph.op('Transpose', [product], { perm: [0, 3, 1, 2] });
}

/** The dense form, as a batch of `groups` matrix products. */
function groupedWeightGradient(context: GradientContext, shape: Convolution): string {
  const { graph, dy } = context;
  const { channels, filters, groups, kernel } = shape;
  const own = channels / groups;
  const padded = channelLast(context, shape);
  const views = cells(shape).map((cell) =>
    graph.op('Reshape', [cellView(context, padded, { shape, cell, axes: [1, 2] }), graph.int64(-1, groups, own)]),
  );
  const unrolled = graph.op('Transpose', [views.length === 1 ? views[0]! : graph.op('Concat', views, { axis: 2 })], {
    perm: [1, 0, 2],
  });
  const rows = graph.op('Reshape', [
    graph.op('Transpose', [dy], { perm: [1, 0, 2, 3] }),
    graph.int64(groups, filters / groups, -1),
  ]);
  const product = graph.op('Reshape', [graph.op('MatMul', [rows, unrolled]), graph.int64(filters, ...kernel, own)]);
  return graph.op('Transpose', [product], { perm: [0, 3, 1, 2] });
}

/** With one filter per channel a matrix product has nothing to share: multiply and sum, cell by cell. */
function depthwiseWeightGradient(context: GradientContext, shape: Convolution): string {
  const { graph, dy } = context;
  if (isGlobalDepthwise(shape)) {
    const sum = graph.op('ReduceSum', [graph.op('Mul', [context.input(0), dy]), graph.int64(0)], { keepdims: 0 });
    return graph.op('Reshape', [sum, graph.int64(shape.filters, 1, ...shape.kernel)]);
  }
  const [top, left, bottom, right] = shape.pads;
  const padded = shape.pads.some((pad) => pad > 0)
    ? graph.op('Pad', [context.input(0), graph.int64(0, 0, top, left, 0, 0, bottom, right)])
    : context.input(0);
  const sums = cells(shape).map((cell) => {
    const product = graph.op('Mul', [cellView(context, padded, { shape, cell, axes: [2, 3] }), dy]);
    return graph.op('ReduceSum', [product, graph.int64(0, 2, 3)], { keepdims: 0 });
  });
  const columns = sums.map((sum) => graph.op('Reshape', [sum, graph.int64(shape.filters, 1)]));
  const joined = columns.length === 1 ? columns[0]! : graph.op('Concat', columns, { axis: 1 });
  return graph.op('Reshape', [joined, graph.int64(shape.filters, 1, ...shape.kernel)]);
}
