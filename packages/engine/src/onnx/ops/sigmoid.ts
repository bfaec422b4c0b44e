import type { OperatorRule } from './operator.ts';

/** 1 / (1 + exp(-x)). */
export const sigmoid: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient({ graph, dy, output }) {
    const slope = graph.op('Mul', [output, graph.op('Sub', [graph.scalar(1), output])]);
    return [graph.op('Mul', [dy, slope])];
  },
};
