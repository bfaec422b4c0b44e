import type { GraphBuilder } from '../graph-builder.ts';
import type { OnnxNode } from '../model.ts';
import type { Shape } from '../shape.ts';
import type { GradientContext, Gradients } from './operator.ts';

/** Tensors that a BatchNormalization in training mode leaves behind, by its output. */
export const batchTensors = {
  /** x - mean, of x's shape. */
  centred: (output: string) => `${output}/centred`,
  /** 1 / sqrt(variance + epsilon), [1, C, 1, ...]. */
  inverse: (output: string) => `${output}/inverse`,
  /** [C] each. */
  mean: (output: string) => `${output}/batch-mean`,
  variance: (output: string) => `${output}/batch-variance`,
} as const;

/**
 * Writes a BatchNormalization in training mode as elementary operators: normalised by the mean and the (biased) variance of
 * this batch instead of the running ones. Elementary, because ONNX Runtime's providers have the operator for serving only.
 */
export function writeBatchNormalization(graph: GraphBuilder, node: OnnxNode, shape: Shape): void {
  const rank = shape.length;
  const channelShape = shape.map((size, axis) => (axis === 1 ? size : 1));
  const [x, scale, shift] = node.inputs as [string, string, string];
  const output = node.outputs[0]!;
  const axes = channelAxes(rank);
  const epsilon = node.attributes.epsilon?.kind === 'float' ? node.attributes.epsilon.value : 1e-5;
  const mean = graph.op('ReduceMean', [x], { axes, keepdims: 1 });
  const centred = graph.op('Sub', [x, mean], {}, batchTensors.centred(output));
  const variance = graph.op('ReduceMean', [graph.op('Mul', [centred, centred])], { axes, keepdims: 1 });
  const deviation = graph.op('Sqrt', [graph.op('Add', [variance, graph.scalar(epsilon)])]);
  const inverse = graph.op('Reciprocal', [deviation], {}, batchTensors.inverse(output));
  const slope = graph.op('Mul', [inverse, perChannel(graph, scale, rank)]);
  // Written down, because not every operator here has a rule that could infer it.
  for (const name of [mean, inverse, slope]) graph.describe(name, channelShape);
  graph.op('Add', [graph.op('Mul', [centred, slope]), perChannel(graph, shift, rank)], {}, output);
  graph.op('Reshape', [mean, graph.int64(-1)], {}, batchTensors.mean(output));
  graph.op('Reshape', [variance, graph.int64(-1)], {}, batchTensors.variance(output));
}

/**
 * The gradient through the batch's own statistics: with n values per channel and dy the output's gradient,
 * dx = scale inverse (dy - sum(dy) / n - centred inverse^2 sum(dy centred) / n).
 */
export function batchNormalizationGradient(context: GradientContext): Gradients {
  const { graph, dy, output } = context;
  const shape = context.shape(0);
  const rank = shape.length;
  const axes = graph.int64(...channelAxes(rank));
  const [centred, inverse] = [batchTensors.centred(output), batchTensors.inverse(output)];
  const shiftSum = graph.op('ReduceSum', [dy, axes], { keepdims: 1 });
  const centredSum = graph.op('ReduceSum', [graph.op('Mul', [dy, centred]), axes], { keepdims: 1 });
  const flat = (tensor: string) => graph.op('Reshape', [tensor, graph.int64(-1)]);
  const input = () => {
    const channels = graph.scalar(context.size(0, 1));
    const size = graph.op('Cast', [graph.op('Size', [context.input(0)])], { to: 1 });
    const share = (sum: string) => graph.op('Mul', [sum, graph.op('Div', [channels, size])]);
    const along = graph.op('Mul', [graph.op('Mul', [inverse, inverse]), share(centredSum)]);
    const rest = graph.op('Sub', [graph.op('Sub', [dy, share(shiftSum)]), graph.op('Mul', [centred, along])]);
    return graph.op('Mul', [rest, graph.op('Mul', [inverse, perChannel(graph, context.input(1), rank)])]);
  };
  return [
    context.wants(0) ? input() : undefined,
    context.wants(1) ? flat(graph.op('Mul', [centredSum, inverse])) : undefined,
    context.wants(2) ? flat(shiftSum) : undefined,
  ];
}

function channelAxes(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2)];
}

/** [C] as [1, C, 1, ...]. */
function perChannel(graph: GraphBuilder, name: string, rank: number): string {
  return graph.op('Reshape', [name, graph.int64(1, -1, ...Array.from({ length: rank - 2 }, () => 1))]);
}
