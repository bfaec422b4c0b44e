import { knownSize, resolveAxis } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** exp(x) / sum(exp(x)) along `axis`. */
export const softmax: OperatorRule = {
  infer: (view) => [view.shape(0)],
  flops: (view) => 3 * knownSize(view.shape(0)),
  gradient(context) {
    const { graph, dy, output } = context;
    const axis = resolveAxis(context.int('axis', -1), context.shape(0).length);
    const mean = graph.op('ReduceSum', [graph.op('Mul', [dy, output]), graph.int64(axis)], { keepdims: 1 });
    return [graph.op('Mul', [output, graph.op('Sub', [dy, mean])])];
  },
};
