import { FLOAT } from './elementwise.ts';
import type { OperatorRule } from './operator.ts';

/**
 * x held between constant bounds (inputs 1 and 2, either may be absent). At a bound itself the gradient is 0; so the
 * output tells it, and nothing needs the input, which then can be merged into the operator before.
 */
export const clip: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy, output } = context;
    const low = context.number(1);
    const high = context.number(2);
    const inside = [
      ...(low === undefined ? [] : [graph.op('Greater', [output, graph.scalar(low)])]),
      ...(high === undefined ? [] : [graph.op('Less', [output, graph.scalar(high)])]),
    ];
    if (inside.length === 0) return [dy];
    const mask = inside.length === 1 ? inside[0]! : graph.op('And', inside);
    return [graph.op('Mul', [dy, graph.op('Cast', [mask], { to: FLOAT })])];
  },
};
