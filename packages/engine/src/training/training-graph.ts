import { isBranchWeight } from '../onnx/condition-branch.ts';
import { GraphBuilder, toAttribute } from '../onnx/graph-builder.ts';
import { inferShapes } from '../onnx/infer.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import { operatorRule } from '../onnx/ops/index.ts';
import { OperatorView } from '../onnx/ops/operator.ts';
import { differentiate } from './autodiff.ts';
import type { Parameter } from './parameters.ts';
import { type EmbeddingMetric, tripletLoss } from './triplet-loss.ts';

/** Of the tensors that the training graphs add to a learner's own, whose names are whatever its exporter chose. */
export const OWN_NAMES = 'saface::';

/** Names of the tensors that belong to one parameter in the training graphs. */
export const tensorNames = {
  /** Sum of the gradients since the last update, before and after the call. */
  sum: (parameter: string) => `${OWN_NAMES}sum::${parameter}`,
  newSum: (parameter: string) => `${OWN_NAMES}new-sum::${parameter}`,
} as const;

/** Inputs and outputs that are not about one parameter. All are scalars. */
export const scalarNames = {
  margin: `${OWN_NAMES}margin`,
  loss: `${OWN_NAMES}loss`,
  active: `${OWN_NAMES}active`,
  scale: `${OWN_NAMES}scale`,
  learningRate: `${OWN_NAMES}learning-rate`,
  momentum: `${OWN_NAMES}momentum`,
  decay: `${OWN_NAMES}decay`,
  basePull: `${OWN_NAMES}base-pull`,
  size: `${OWN_NAMES}size`,
} as const;

/** Tensors of the update graph, [n]: a number for each weight of all parameters. */
export const flatNames = {
  weight: `${OWN_NAMES}weight`,
  velocity: `${OWN_NAMES}velocity`,
  sum: `${OWN_NAMES}sum`,
  base: `${OWN_NAMES}base`,
  newWeight: `${OWN_NAMES}weight/new`,
  newVelocity: `${OWN_NAMES}velocity/new`,
} as const;

/**
 * One training call as an ONNX model (paper section 4.2.2): forward pass of the learner, triplet loss, backward pass
 * by reverse-mode differentiation, and the gradients added to the sums of earlier calls.
 *
 * in: features [3B, ...], margin, every parameter and its gradient sum. out: loss, active, every new gradient sum.
 * Gradients are summed over triplets and not divided here: `buildUpdateGraph` divides by the number of active
 * triplets of all calls, so spreading a batch over calls does not change what is learnt.
 */
export function buildGradientGraph(
  learner: OnnxModel,
  parameters: readonly Parameter[],
  metric: EmbeddingMetric,
): GraphBuilder {
  const graph = new GraphBuilder();
  const { nodes, embeddings, shapes, trained } = forward(graph, learner, { parameters, metric });
  const { loss, active, gradient } = tripletLoss(graph, embeddings, graph.input(scalarNames.margin, []));
  const gradients = differentiate({
    graph,
    nodes,
    shapes,
    constants: learner.graph.initializers,
    seeds: new Map([[embeddings, gradient]]),
    targets: new Set([...trained].filter((name) => !isBranchWeight(name))),
  });
  for (const { name, dims } of parameters) {
    const sum = graph.input(tensorNames.sum(name), dims);
    const inputs = gradients.has(name) ? [sum, gradients.get(name)!] : [sum];
    graph.output(graph.op(inputs.length === 2 ? 'Add' : 'Identity', inputs, {}, tensorNames.newSum(name)), dims);
  }
  graph.output(graph.op('Identity', [loss], {}, scalarNames.loss), []);
  graph.output(graph.op('Identity', [active], {}, scalarNames.active), []);
  return graph;
}

/** The learner with its parameters as inputs: embeddings under any weights. */
export function buildForwardGraph(learner: OnnxModel, parameters: readonly Parameter[]): GraphBuilder {
  const graph = new GraphBuilder();
  const { embeddings, shapes } = forward(graph, learner, { parameters, metric: 'euclidean' });
  graph.output(embeddings, shapes.get(embeddings)!);
  return graph;
}

/**
 * SGD with momentum, weight decay and a pull towards the base model (L2-SP), as an ONNX model:
 * v' = momentum v + scale * sum + weightDecay w + basePull (w - base), w' = w - learningRate v'.
 * `decay` is weightDecay + basePull. `size` is the sum of squares of all new weights, finite exactly when they are.
 * @param weights how many there are in all parameters together
 */
export function buildUpdateGraph(weights: number): GraphBuilder {
  const graph = new GraphBuilder();
  const scaled = (factor: keyof typeof scalarNames, tensor: string) =>
    graph.op('Mul', [tensor, graph.input(scalarNames[factor], [])]);
  const [weight, velocity, sum, base] = [flatNames.weight, flatNames.velocity, flatNames.sum, flatNames.base].map(
    (name) => graph.input(name, [weights]),
  ) as [string, string, string, string];
  const moving = graph.op('Add', [scaled('momentum', velocity), scaled('scale', sum)]);
  const held = graph.op('Sub', [scaled('decay', weight), scaled('basePull', base)]);
  const newVelocity = graph.op('Add', [moving, held], {}, flatNames.newVelocity);
  const newWeight = graph.op('Sub', [weight, scaled('learningRate', newVelocity)], {}, flatNames.newWeight);
  graph.output(newVelocity, [weights]);
  graph.output(newWeight, [weights]);
  graph.output(graph.op('ReduceSumSquare', [newWeight], { keepdims: 0 }, scalarNames.size), []);
  return graph;
}

interface Forward {
  readonly nodes: readonly OnnxNode[];
  readonly embeddings: string;
  readonly shapes: ReadonlyMap<string, readonly (number | string)[]>;
  readonly trained: ReadonlySet<string>;
}

function forward(
  graph: GraphBuilder,
  learner: OnnxModel,
  { parameters, metric }: { parameters: readonly Parameter[]; metric: EmbeddingMetric },
): Forward {
  const source = learner.graph;
  const trained = new Set(parameters.map(({ name }) => name));
  for (const input of source.inputs) graph.input(input.name, input.shape ?? []);
  for (const { name, dims } of parameters) graph.input(name, dims);
  for (const tensor of source.initializers.values()) if (!trained.has(tensor.name)) graph.tensor(tensor);
  const nodes = [...source.nodes];
  const shapes = inferShapes(source);
  let embeddings = source.outputs[0]!.name;
  for (const node of nodes) graph.node(node);
  if (metric === 'cosine') {
    const output = graph.fresh('normalised');
    const attributes = { axis: toAttribute('axis', 1), p: toAttribute('p', 2) };
    const node: OnnxNode = {
      name: output,
      type: 'LpNormalization',
      domain: '',
      inputs: [embeddings],
      outputs: [output],
      attributes,
    };
    graph.node(node);
    nodes.push(node);
    shapes.set(output, operatorRule(node).infer(new OperatorView(node, shapes, source.initializers))[0]!);
    embeddings = output;
  }
  return { nodes, embeddings, shapes, trained };
}
