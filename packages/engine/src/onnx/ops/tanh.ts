import type { OperatorRule } from './operator.ts';

/** Hyperbolic tangent. */
export const tanh: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy, output } = context;
    return [graph.op('Mul', [dy, graph.op('Sub', [graph.scalar(1), graph.op('Mul', [output, output])])])];
  },
};
