import type { OperatorRule } from './operator.ts';

/** x * clip(x / 6 + 1/2, 0, 1). */
export const hardSwish: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy } = context;
    const x = context.input(0);
    const middle = graph.op('Add', [graph.op('Div', [x, graph.scalar(3)]), graph.scalar(0.5)]);
    const below = graph.op('Less', [x, graph.scalar(-3)]);
    const above = graph.op('Greater', [x, graph.scalar(3)]);
    const slope = graph.op('Where', [below, graph.scalar(0), graph.op('Where', [above, graph.scalar(1), middle])]);
    return [graph.op('Mul', [dy, slope])];
  },
};
