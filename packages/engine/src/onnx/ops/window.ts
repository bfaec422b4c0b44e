import type { OperatorView } from './operator.ts';

/** A kernel sliding over the two spatial axes of an NCHW tensor. Pairs are [vertical, horizontal]. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
}

/** Works out `auto_pad` and the output size of Conv and pooling operators. */
export function windowOf(view: OperatorView, kernelSize: readonly number[] | undefined): Window {
  if (view.shape(0).length !== 4 || kernelSize?.length !== 2)
    throw view.refuse('only two-dimensional images are handled');
  const kernel = pair(kernelSize);
  const strides = pair(view.ints('strides') ?? [1, 1]);
  const dilations = pair(view.ints('dilations') ?? [1, 1]);
  const input = [view.size(0, 2), view.size(0, 3)] as const;
  const pads = resolvePads(view, { kernel, strides, dilations, input });
  const size = (axis: 0 | 1) =>
    (input[axis] + pads[axis] + pads[axis + 2]! - dilations[axis] * (kernel[axis] - 1) - 1) / strides[axis] + 1;
  const output = [Math.floor(size(0)), Math.floor(size(1))] as const;
  if (view.int('ceil_mode', 0) === 1 && (Math.ceil(size(0)) !== output[0] || Math.ceil(size(1)) !== output[1])) {
    throw view.refuse('it rounds its output size up (ceil_mode)');
  }
  if (output[0] < 1 || output[1] < 1)
    throw view.refuse(`its ${kernel.join('x')} kernel is larger than its ${input.join('x')} input`);
  return { kernel, strides, dilations, pads, input, output };
}

function pair(values: readonly number[]): readonly [number, number] {
  return [values[0]!, values[1]!];
}

function resolvePads(
  view: OperatorView,
  { kernel, strides, dilations, input }: Pick<Window, 'kernel' | 'strides' | 'dilations' | 'input'>,
): Window['pads'] {
  const mode = view.string('auto_pad', 'NOTSET');
  if (mode === 'VALID') return [0, 0, 0, 0];
  if (mode === 'NOTSET') {
    const [top = 0, left = 0, bottom = 0, right = 0] = view.ints('pads') ?? [];
    return [top, left, bottom, right];
  }
  const total = (axis: 0 | 1) => {
    const output = Math.ceil(input[axis] / strides[axis]);
    return Math.max(0, (output - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 - input[axis]);
  };
  const [vertical, horizontal] = [total(0), total(1)];
  const before = mode === 'SAME_LOWER' ? Math.ceil : Math.floor;
  const [top, left] = [before(vertical / 2), before(horizontal / 2)];
  return [top, left, vertical - top, horizontal - left];
}

/** Rows or columns of the padded input that the kernel's cells leave untouched at its far end. */
export function unreached(window: Window, axis: 0 | 1): number {
  const { kernel, strides, dilations, pads, input, output } = window;
  return (
    input[axis] +
    pads[axis] +
    pads[axis + 2]! -
    dilations[axis] * (kernel[axis] - 1) -
    1 -
    strides[axis] * (output[axis] - 1)
  );
}

/** Windows lie side by side, so every input value is in at most one. */
export function isTiling({ kernel, strides, dilations, pads }: Window): boolean {
  return (
    [0, 1].every((axis) => kernel[axis] === strides[axis] && dilations[axis] === 1) && pads.every((pad) => pad === 0)
  );
}
