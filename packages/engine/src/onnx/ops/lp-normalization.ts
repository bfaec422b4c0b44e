import { knownSize, resolveAxis } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** x divided by its Euclidean length along `axis` (p = 2). */
export const lpNormalization: OperatorRule = {
  infer(view) {
    if (view.int('p', 2) !== 2) throw view.refuse('only p = 2 is handled');
    return [view.shape(0)];
  },
  flops: (view) => 3 * knownSize(view.shape(0)),
  gradient(context) {
    const { graph, dy, output } = context;
    const axis = resolveAxis(context.int('axis', -1), context.shape(0).length);
    const along = graph.op('ReduceSum', [graph.op('Mul', [dy, output]), graph.int64(axis)], { keepdims: 1 });
    const across = graph.op('Sub', [dy, graph.op('Mul', [output, along])]);
    const length = graph.op('ReduceL2', [context.input(0)], { axes: [axis], keepdims: 1 });
    return [graph.op('Div', [across, graph.op('Max', [length, graph.scalar(1e-12)])])];
  },
};
