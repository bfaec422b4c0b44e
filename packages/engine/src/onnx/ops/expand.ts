import { broadcast, reduceTo } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** Repeats a tensor along its axes of size 1 to a constant shape. */
export const expand: OperatorRule = {
  infer: (view) => [broadcast(view.shape(0), view.integers(1)!)],
  flops: () => 0,
  gradient: (context) => [reduceTo(context.graph, context.dy, { from: context.outputShape, to: context.shape(0) })],
};
