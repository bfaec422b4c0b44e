import type { OperatorRule } from './operator.ts';

/** The error function; its slope is 2 / sqrt(pi) * exp(-x^2). */
export const erf: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy } = context;
    const x = context.input(0);
    const bell = graph.op('Exp', [graph.op('Neg', [graph.op('Mul', [x, x])])]);
    return [graph.op('Mul', [dy, graph.op('Mul', [bell, graph.scalar(2 / Math.sqrt(Math.PI))])])];
  },
};
