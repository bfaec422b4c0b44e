import { expand, knownSize } from '../shape.ts';
import type { OperatorRule } from './operator.ts';
import { reducedCount, reducedShape, withReducedAxes } from './reduction.ts';

/** Sum over axes whose sizes are known. */
export const reduceSum: OperatorRule = {
  infer: (view) => [reducedShape(view)],
  flops: (view) => knownSize(view.shape(0)),
  gradient(context) {
    if (reducedCount(context) === 1) return [withReducedAxes(context, context.dy)];
    return [expand(context.graph, withReducedAxes(context, context.dy), context.shape(0))];
  },
};
