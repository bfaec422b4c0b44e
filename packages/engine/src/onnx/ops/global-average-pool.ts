import type { OperatorRule } from './operator.ts';

/** Mean over the image: [N, C, H, W] -> [N, C, 1, 1]. */
export const globalAveragePool: OperatorRule = {
  infer: (view) => [view.shape(0).map((dim, axis) => (axis < 2 ? dim : 1))],
  flops: (view) => view.size(0, 1) * view.size(0, 2) * view.size(0, 3),
  gradient(context) {
    const { graph, dy } = context;
    const image = [context.size(0, 2), context.size(0, 3)] as const;
    const share = new Float32Array(image[0] * image[1]).fill(1 / (image[0] * image[1]));
    // Multiplied with its share for each pixel: ONNX Runtime's Expand takes many times as long.
    return [graph.op('Mul', [dy, graph.constant(share, [1, 1, ...image])])];
  },
};
