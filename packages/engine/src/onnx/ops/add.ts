import { broadcast, reduceTo } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** a + b with broadcasting; a constant summand is a bias and is trained. */
export const add: OperatorRule = {
  trainable: [0, 1],
  infer: (view) => [broadcast(view.shape(0), view.shape(1))],
  gradient: (context) =>
    [0, 1].map((index) =>
      context.wants(index)
        ? reduceTo(context.graph, context.dy, { from: context.outputShape, to: context.shape(index) })
        : undefined,
    ),
};
