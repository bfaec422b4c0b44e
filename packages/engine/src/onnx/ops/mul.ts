import { broadcast, reduceTo } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** a * b with broadcasting. */
export const mul: OperatorRule = {
  infer: (view) => [broadcast(view.shape(0), view.shape(1))],
  gradient: (context) =>
    [0, 1].map((index) => {
      if (!context.wants(index)) return undefined;
      const product = context.graph.op('Mul', [context.dy, context.input(1 - index)]);
      return reduceTo(context.graph, product, { from: context.outputShape, to: context.shape(index) });
    }),
};
