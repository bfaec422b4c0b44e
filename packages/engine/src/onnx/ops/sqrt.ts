import type { OperatorRule } from './operator.ts';

/** Square root; the gradient at 0 is that of a very small number. */
export const sqrt: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy, output } = context;
    const twice = graph.op('Mul', [graph.op('Max', [output, graph.scalar(1e-12)]), graph.scalar(2)]);
    return [graph.op('Div', [dy, twice])];
  },
};
