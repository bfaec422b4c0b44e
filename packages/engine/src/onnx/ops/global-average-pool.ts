import { expand } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** Mean over the image: [N, C, H, W] -> [N, C, 1, 1]. */
export const globalAveragePool: OperatorRule = {
  infer: (view) => [view.shape(0).map((dim, axis) => (axis < 2 ? dim : 1))],
  flops: (view) => view.size(0, 1) * view.size(0, 2) * view.size(0, 3),
  gradient(context) {
    const { graph, dy } = context;
    const share = graph.op('Mul', [dy, graph.scalar(1 / (context.size(0, 2) * context.size(0, 3)))]);
    return [expand(graph, share, context.shape(0))];
  },
};
