import { reduceTo } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** x where x > 0, else slope x; the slope (usually [C, 1, 1]) is a weight and is broadcast to x. */
export const prelu: OperatorRule = {
  trainable: [1],
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy } = context;
    const [x, slope] = [context.input(0), context.input(1)];
    const damped = () =>
      graph.op('Where', [graph.op('Greater', [x, graph.scalar(0)]), dy, graph.op('Mul', [dy, slope])]);
    const slopes = () => {
      const share = graph.op('Mul', [graph.op('Min', [x, graph.scalar(0)]), dy]);
      return reduceTo(graph, share, { from: context.shape(0), to: context.shape(1) });
    };
    return [context.wants(0) ? damped() : undefined, context.wants(1) ? slopes() : undefined];
  },
};
