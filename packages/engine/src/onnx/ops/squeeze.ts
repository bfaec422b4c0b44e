import { reshape, resolveAxis } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** Drops axes of size 1: those in constant input 1, or all. */
export const squeeze: OperatorRule = {
  infer(view) {
    const shape = view.shape(0);
    const axes = view.integers(1)?.map((axis) => resolveAxis(axis, shape.length));
    return [shape.filter((dim, axis) => (axes ? !axes.includes(axis) : dim !== 1))];
  },
  flops: () => 0,
  gradient: (context) => [reshape(context.graph, context.dy, context.shape(0))],
};
