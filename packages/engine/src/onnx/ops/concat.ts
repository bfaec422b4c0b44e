import { resolveAxis } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** Joins tensors along one axis, whose sizes must be known. */
export const concat: OperatorRule = {
  infer(view) {
    const shape = view.shape(0);
    const axis = resolveAxis(view.int('axis', 0), shape.length);
    const total = view.node.inputs.reduce((sum, _, index) => sum + view.size(index, axis), 0);
    return [shape.map((dim, at) => (at === axis ? total : dim))];
  },
  flops: () => 0,
  gradient(context) {
    const { graph, dy } = context;
    const axis = resolveAxis(context.int('axis', 0), context.outputShape.length);
    let end = 0;
    return context.node.inputs.map((_, index) => {
      const start = end;
      end += context.size(index, axis);
      return context.wants(index)
        ? graph.op('Slice', [dy, graph.int64(start), graph.int64(end), graph.int64(axis)])
        : undefined;
    });
  },
};
