import type { OperatorRule } from './operator.ts';

/** x held between constant bounds (inputs 1 and 2, either may be absent). At a bound itself the gradient is 0. */
export const clip: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy } = context;
    const low = context.number(1);
    const high = context.number(2);
    const inside = [
      ...(low === undefined ? [] : [graph.op('Greater', [context.input(0), graph.scalar(low)])]),
      ...(high === undefined ? [] : [graph.op('Less', [context.input(0), graph.scalar(high)])]),
    ];
    if (inside.length === 0) return [dy];
    const mask = inside.length === 1 ? inside[0]! : graph.op('And', inside);
    return [graph.op('Where', [mask, dy, graph.scalar(0)])];
  },
};
