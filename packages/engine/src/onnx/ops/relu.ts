import { FLOAT } from './elementwise.ts';
import type { OperatorRule } from './operator.ts';

/** max(x, 0). */
export const relu: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient: ({ graph, dy, output }) => [
    // ONNX Runtime multiplies by a mask faster than it chooses by one.
    graph.op('Mul', [dy, graph.op('Cast', [graph.op('Greater', [output, graph.scalar(0)])], { to: FLOAT })]),
  ],
};
