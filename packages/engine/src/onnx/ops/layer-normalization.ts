import { knownSize, reduceTo, resolveAxis } from '../shape.ts';
import type { OperatorRule, OperatorView } from './operator.ts';

/** The axes whose values are brought to mean 0 and variance 1 together: from `axis` to the last. */
function axesOf(view: OperatorView): number[] {
  const { length: rank } = view.shape(0);
  const first = resolveAxis(view.int('axis', -1), rank);
  return Array.from({ length: rank - first }, (_, i) => first + i);
}

/** scale * (x - mean) / sqrt(variance + epsilon) + bias, each sample by itself. */
export const layerNormalization: OperatorRule = {
  trainable: [1, 2],
  infer(view) {
    if (view.node.outputs.length > 1 && view.node.outputs.slice(1).some((name) => name !== ''))
      throw view.refuse('its mean and deviation are used too');
    return [view.shape(0)];
  },
  flops: (view) => 8 * knownSize(view.shape(0)),
  gradient(context) {
    const { graph, dy } = context;
    const axes = axesOf(context);
    const mean = (name: string) => graph.op('ReduceMean', [name], { axes, keepdims: 1 });
    const x = context.input(0);
    const centred = graph.op('Sub', [x, mean(x)]);
    const variance = graph.op('Add', [
      mean(graph.op('Mul', [centred, centred])),
      graph.scalar(context.float('epsilon', 1e-5)),
    ]);
    const deviation = graph.op('Sqrt', [variance]);
    const normal = graph.op('Div', [centred, deviation]);
    const to = (name: string, index: number) =>
      reduceTo(graph, name, { from: context.outputShape, to: context.shape(index) });
    const input = () => {
      const slope = graph.op('Mul', [dy, context.input(1)]);
      const along = graph.op('Mul', [normal, mean(graph.op('Mul', [slope, normal]))]);
      return graph.op('Div', [graph.op('Sub', [graph.op('Sub', [slope, mean(slope)]), along]), deviation]);
    };
    return [
      context.wants(0) ? input() : undefined,
      context.wants(1) ? to(graph.op('Mul', [dy, normal]), 1) : undefined,
      context.wants(2) ? to(dy, 2) : undefined,
    ];
  },
};
