import { broadcast, reduceTo } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** a - b with broadcasting. */
export const sub: OperatorRule = {
  infer: (view) => [broadcast(view.shape(0), view.shape(1))],
  gradient(context) {
    const { graph, dy } = context;
    const to = (name: string, index: number) =>
      reduceTo(graph, name, { from: context.outputShape, to: context.shape(index) });
    return [context.wants(0) ? to(dy, 0) : undefined, context.wants(1) ? to(graph.op('Neg', [dy]), 1) : undefined];
  },
};
