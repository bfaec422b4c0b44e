import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { OnnxModel } from '../onnx/model.ts';
import type { Parameter } from './parameters.ts';
import { backward, forward, OWN_NAMES, updateGroups, weightsOf } from './training-graph.ts';
import type { EmbeddingMetric } from './triplet-loss.ts';

export const approachNames = {
  /** Where the embeddings should lie, [N, D]. */
  targets: `${OWN_NAMES}targets`,
  /** Scalar: sum of the squared distances from there. */
  distance: `${OWN_NAMES}distance`,
  /** d(distance)/d(weights of the group), [1, n]. */
  gradient: (group: number) => `${OWN_NAMES}gradient::${group}`,
} as const;

/**
 * How embeddings come nearer to given places, as an ONNX model (docs/decisions/041).
 *
 * in: features [N, ...], every parameter, `targets`. out: `distance`, and the gradient of each of `updateGroups`.
 */
export function buildApproachGraph(
  learner: OnnxModel,
  parameters: readonly Parameter[],
  metric: EmbeddingMetric,
): GraphBuilder {
  const graph = new GraphBuilder();
  const passed = forward(graph, learner, { parameters, metric });
  const { embeddings, shapes } = passed;
  const away = graph.op('Sub', [embeddings, graph.input(approachNames.targets, shapes.get(embeddings)!)]);
  graph.output(graph.op('ReduceSumSquare', [away], { keepdims: 0 }, approachNames.distance), []);
  const groups = updateGroups(parameters);
  const gradient = graph.op('Mul', [away, graph.scalar(2)]);
  backward(graph, learner, { passed, gradient, groups }).forEach((flat, index) => {
    graph.output(graph.op('Identity', [flat], {}, approachNames.gradient(index)), [1, weightsOf(groups[index]!)]);
  });
  return graph;
}
