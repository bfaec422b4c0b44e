import type { OperatorRule, OperatorView } from './operator.ts';

/** Amounts before each axis and then behind each. */
export function padsOf(view: OperatorView): number[] {
  const rank = view.shape(0).length;
  const pads = view.integers(1)!;
  if (!view.has(3)) return pads;
  const axes = view.integers(3)!.map((axis) => (axis < 0 ? axis + rank : axis));
  const full = Array.from({ length: 2 * rank }, () => 0);
  axes.forEach((axis, index) => {
    full[axis] = pads[index]!;
    full[axis + rank] = pads[index + axes.length]!;
  });
  return full;
}

/** Adds a border of a constant (negative amounts cut one off). */
export const pad: OperatorRule = {
  infer(view) {
    const shape = view.shape(0);
    const pads = padsOf(view);
    return [
      shape.map((dim, axis) => {
        const extra = pads[axis]! + pads[axis + shape.length]!;
        if (extra !== 0 && typeof dim === 'string') throw view.refuse('it pads the batch axis');
        return typeof dim === 'string' ? dim : dim + extra;
      }),
    ];
  },
  flops: () => 0,
  gradient(context) {
    if (context.string('mode', 'constant') !== 'constant') throw context.refuse('its border is not a constant');
    return [context.graph.op('Pad', [context.dy, context.graph.int64(...padsOf(context).map((amount) => -amount))])];
  },
};
