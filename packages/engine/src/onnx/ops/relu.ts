import type { OperatorRule } from './operator.ts';

/** Slope with which every positive number that float32 holds to full precision comes to 1. */
const STEEP = 3e38;

/** max(x, 0). */
export const relu: OperatorRule = {
  infer: (view) => [view.shape(0)],
  gradient(context) {
    const { graph, dy, output } = context;
    // So steep a HardSigmoid is 0 up to 0 and 1 above: the mask in one pass, where a comparison and its Cast are two.
    const mask = graph.op('HardSigmoid', [output], { alpha: STEEP, beta: 0 });
    graph.describe(mask, context.shape(0));
    return [graph.op('Mul', [dy, mask])];
  },
};
