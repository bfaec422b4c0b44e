import type { OperatorRule } from './operator.ts';

/** x where x > 0, else alpha x. */
export const leakyRelu: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy } = context;
    const damped = graph.op('Mul', [dy, graph.scalar(context.float('alpha', 0.01))]);
    return [graph.op('Where', [graph.op('Greater', [context.input(0), graph.scalar(0)]), dy, damped])];
  },
};
