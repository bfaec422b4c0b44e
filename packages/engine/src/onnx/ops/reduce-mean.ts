import { expand, knownSize } from '../shape.ts';
import type { OperatorRule } from './operator.ts';
import { reducedCount, reducedShape, withReducedAxes } from './reduction.ts';

/** Mean over axes whose sizes are known. */
export const reduceMean: OperatorRule = {
  infer: (view) => [reducedShape(view)],
  flops: (view) => knownSize(view.shape(0)),
  gradient(context) {
    const { graph, dy } = context;
    const share = graph.op('Mul', [withReducedAxes(context, dy), graph.scalar(1 / reducedCount(context))]);
    return [expand(graph, share, context.shape(0))];
  },
};
