import { knownSize } from '../shape.ts';
import type { OperatorRule } from './operator.ts';
import { reducedShape, withReducedAxes } from './reduction.ts';

/** Euclidean length over axes; the gradient at length 0 is 0. */
export const reduceL2: OperatorRule = {
  infer: (view) => [reducedShape(view)],
  flops: (view) => 2 * knownSize(view.shape(0)),
  gradient(context) {
    const { graph, dy } = context;
    const length = graph.op('Max', [withReducedAxes(context, context.output), graph.scalar(1e-12)]);
    return [graph.op('Mul', [context.input(0), graph.op('Div', [withReducedAxes(context, dy), length])])];
  },
};
