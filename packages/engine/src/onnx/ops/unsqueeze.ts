import { reshape, resolveAxis } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** Inserts axes of size 1 at the places in constant input 1. */
export const unsqueeze: OperatorRule = {
  infer(view) {
    const rest = [...view.shape(0)];
    const rank = rest.length + view.integers(1)!.length;
    const axes = view.integers(1)!.map((axis) => resolveAxis(axis, rank));
    return [Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!))];
  },
  flops: () => 0,
  gradient: (context) => [reshape(context.graph, context.dy, context.shape(0))],
};
