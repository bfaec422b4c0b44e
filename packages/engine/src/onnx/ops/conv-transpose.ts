import type { OperatorRule } from './operator.ts';

/** Transposed convolution with explicit pads: x [N, C, H, W], weights [C, F / group, kh, kw] -> [N, F, H', W']. */
export const convTranspose: OperatorRule = {
  infer(view) {
    if (view.string('auto_pad', 'NOTSET') !== 'NOTSET' || view.ints('output_shape'))
      throw view.refuse('its padding is not explicit');
    const pair = (name: string, fallback: number) => view.ints(name) ?? [fallback, fallback];
    const [strides, dilations, extra, pads] = [
      pair('strides', 1),
      pair('dilations', 1),
      pair('output_padding', 0),
      view.ints('pads') ?? [0, 0, 0, 0],
    ];
    const size = (axis: 0 | 1) =>
      strides[axis]! * (view.size(0, axis + 2) - 1) +
      extra[axis]! +
      dilations[axis]! * (view.size(1, axis + 2) - 1) +
      1 -
      pads[axis]! -
      pads[axis + 2]!;
    return [[view.shape(0)[0]!, view.size(1, 1) * view.int('group', 1), size(0), size(1)]];
  },
  flops: (view) =>
    2 * view.size(0, 1) * view.size(0, 2) * view.size(0, 3) * view.size(1, 1) * view.size(1, 2) * view.size(1, 3),
};
