import type { OperatorRule } from './operator.ts';

/** e to the power of x. */
export const exp: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient: ({ graph, dy, output }) => [graph.op('Mul', [dy, output])],
};
