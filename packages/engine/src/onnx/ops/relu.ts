import type { OperatorRule } from './operator.ts';

/** max(x, 0). */
export const relu: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient: ({ graph, dy, output }) => [
    graph.op('Where', [graph.op('Greater', [output, graph.scalar(0)]), dy, graph.scalar(0)]),
  ],
};
