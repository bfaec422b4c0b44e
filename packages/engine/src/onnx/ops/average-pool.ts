import type { GradientContext, OperatorRule } from './operator.ts';
import { isTiling, unreached, type Window, windowOf } from './window.ts';

/** Mean over windows; padding counts only with `count_include_pad`. */
export const averagePool: OperatorRule = {
  infer(view) {
    const { output } = windowOf(view, view.ints('kernel_shape'));
    return [[view.shape(0)[0]!, view.shape(0)[1]!, ...output]];
  },
  flops(view) {
    const { kernel, output } = windowOf(view, view.ints('kernel_shape'));
    return view.size(0, 1) * output[0] * output[1] * kernel[0] * kernel[1];
  },
  gradient(context) {
    const { graph, dy } = context;
    const window = windowOf(context, context.ints('kernel_shape'));
    const share = graph.op('Mul', [dy, weights(context, window)]);
    return [isTiling(window) ? tile(context, share, window) : overlap(context, share, window)];
  },
};

/** 1 / (values in the window): one number, or one for each output position where padding does not count. */
function weights(context: GradientContext, window: Window): string {
  const { graph } = context;
  const { kernel, strides, dilations, pads, input, output } = window;
  if (pads.every((pad) => pad === 0) || context.int('count_include_pad', 0) === 1)
    return graph.scalar(1 / (kernel[0] * kernel[1]));
  const inside = (axis: 0 | 1, at: number) =>
    Array.from({ length: kernel[axis] }, (_, cell) => at * strides[axis] - pads[axis] + cell * dilations[axis]).filter(
      (place) => place >= 0 && place < input[axis],
    ).length;
  const values = Array.from(
    { length: output[0] * output[1] },
    (_, index) => 1 / (inside(0, Math.floor(index / output[1])) * inside(1, index % output[1])),
  );
  return graph.constant(Float32Array.from(values), [1, 1, ...output]);
}

function tile(context: GradientContext, share: string, window: Window): string {
  const { graph } = context;
  const channels = context.size(0, 1);
  const { kernel, output } = window;
  const split = graph.op('Reshape', [share, graph.int64(-1, channels, output[0], 1, output[1], 1)]);
  const spread = graph.op('Expand', [split, graph.int64(1, channels, output[0], kernel[0], output[1], kernel[1])]);
  const whole = graph.op('Reshape', [spread, graph.int64(-1, channels, output[0] * kernel[0], output[1] * kernel[1])]);
  const rest = [unreached(window, 0), unreached(window, 1)] as const;
  return rest[0] + rest[1] > 0 ? graph.op('Pad', [whole, graph.int64(0, 0, 0, 0, 0, 0, ...rest)]) : whole;
}

/** Every channel is spread with a kernel of ones. */
function overlap(context: GradientContext, share: string, window: Window): string {
  const { graph } = context;
  const channels = context.size(0, 1);
  const { kernel, strides, dilations, pads } = window;
  const ones = graph.constant(new Float32Array(channels * kernel[0] * kernel[1]).fill(1), [channels, 1, ...kernel]);
  return graph.op('ConvTranspose', [share, ones], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads,
    group: channels,
    output_padding: [unreached(window, 0), unreached(window, 1)],
  });
}
