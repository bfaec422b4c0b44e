import { isBranchWeight } from '../onnx/condition-branch.ts';
import { GraphBuilder, toAttribute } from '../onnx/graph-builder.ts';
import { inferShapes } from '../onnx/infer.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from '../onnx/model.ts';
import { operatorRule } from '../onnx/ops/index.ts';
import { OperatorView } from '../onnx/ops/operator.ts';
import { differentiate } from './autodiff.ts';
import type { Parameter } from './parameters.ts';
import { type EmbeddingMetric, tripletLoss } from './triplet-loss.ts';

/** Of the tensors that the training graphs add to a learner's own, whose names are whatever its exporter chose. */
export const OWN_NAMES = 'saface::';

/** Inputs and outputs that are not about weights. All are scalars. */
export const scalarNames = {
  margin: `${OWN_NAMES}margin`,
  loss: `${OWN_NAMES}loss`,
  active: `${OWN_NAMES}active`,
  /** True: the weights are updated; false: gradients are summed up. */
  apply: `${OWN_NAMES}apply`,
  /** Triplets with a loss in the calls since the last update. */
  pending: `${OWN_NAMES}pending`,
  learningRate: `${OWN_NAMES}learning-rate`,
  momentum: `${OWN_NAMES}momentum`,
  decay: `${OWN_NAMES}decay`,
  size: `${OWN_NAMES}size`,
} as const;

/** Names of the tensors that belong to one group of parameters, each [1, n]: a number for each weight of the group. */
export function groupNames(group: number) {
  const name = (what: string) => `${OWN_NAMES}${what}::${group}`;
  return {
    /** Sum of the gradients since the last update, before and after the call. */
    sum: name('sum'),
    newSum: name('new-sum'),
    velocity: name('velocity'),
    newVelocity: name('new-velocity'),
    newWeight: name('new-weight'),
    /** Where the weights are pulled to, times `basePull`. */
    pull: name('pull'),
  } as const;
}

/** Weights of a group, unless one parameter alone has more. */
const GROUP_WEIGHTS = 2 ** 18;

/**
 * The parameters that training changes, in the groups in which they are updated; a large one is a group of its own. Operators for each of
 * hundreds of small tensors cost more in waking threads than in arithmetic; those over all weights at once go to main memory and back each time.
 */
export function updateGroups(parameters: readonly Parameter[]): Parameter[][] {
  const groups: Parameter[][] = [];
  let open: Parameter[] = [];
  for (const parameter of parameters.filter(({ name }) => !isBranchWeight(name))) {
    const isLarge = parameter.data.length > GROUP_WEIGHTS;
    if (isLarge) groups.push([parameter]);
    else if (groups.includes(open) && weightsOf(open) + parameter.data.length <= GROUP_WEIGHTS) open.push(parameter);
    else {
      open = [parameter];
      groups.push(open);
    }
  }
  return groups;
}

/**
 * A training step as an ONNX model (paper section 4.2.2): forward pass of the learner, triplet loss, backward pass
 * by reverse-mode differentiation, the gradients added to the sums of earlier calls, and where `apply` says so the update.
 *
 * in: features [3B, ...], every parameter, `scalarNames` and the tensors of `groupNames`. out: loss, active; every new sum;
 * and when the call applies, the new weights and velocities and the sum of squares of the new weights, which is finite exactly
 * when they are. Gradients are summed over triplets and divided by the number of active triplets of all calls only in the update,
 * so spreading a batch over calls does not change what is learnt.
 */
export function buildTrainingGraph(
  learner: OnnxModel,
  parameters: readonly Parameter[],
  metric: EmbeddingMetric,
): GraphBuilder {
  const graph = new GraphBuilder();
  const passed = forward(graph, learner, { parameters, metric });
  const { loss, active, gradient } = tripletLoss(graph, passed.embeddings, graph.input(scalarNames.margin, []));
  graph.output(graph.op('Identity', [loss], {}, scalarNames.loss), []);
  graph.output(graph.op('Identity', [active], {}, scalarNames.active), []);
  const groups = updateGroups(parameters);
  const slopes = backward(graph, learner, { passed, gradient, groups });
  slopes.forEach((flat, index) => {
    const names = groupNames(index);
    const size = [1, weightsOf(groups[index]!)];
    for (const name of [names.sum, names.velocity, names.pull]) graph.input(name, size);
    graph.output(graph.op('Add', [names.sum, flat], {}, names.newSum), size);
  });
  addUpdate(graph, groups);
  return graph;
}

/** Writes the backward pass from the gradient of the embeddings: that of the weights of each group, [1, n]. */
export function backward(
  graph: GraphBuilder,
  learner: OnnxModel,
  {
    passed: { nodes, embeddings, shapes, trained },
    gradient,
    groups,
  }: { readonly passed: Forward; readonly gradient: string; readonly groups: readonly (readonly Parameter[])[] },
): string[] {
  const gradients = differentiate({
    graph,
    nodes,
    shapes,
    constants: learner.graph.initializers,
    seeds: new Map([[embeddings, gradient]]),
    targets: new Set([...trained].filter((name) => !isBranchWeight(name))),
  });
  return groups.map((group) =>
    flatten(graph, group, ({ name, data }) => gradients.get(name) ?? zeros(graph, data.length)),
  );
}

/** The number of weights in these parameters together. */
export function weightsOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { data }) => sum + data.length, 0);
}

/**
 * What belongs to the parameters of a group, one behind the other. Flatten and not Reshape: ONNX Runtime merges a Reshape into the one before
 * and then computes gradients in another order, the earliest layer's first, when all the others' operands are out of the caches.
 */
function flatten(graph: GraphBuilder, group: readonly Parameter[], tensorOf: (parameter: Parameter) => string): string {
  const parts = group.map((parameter) => graph.op('Flatten', [tensorOf(parameter)], { axis: 0 }));
  return parts.length === 1 ? parts[0]! : graph.op('Concat', parts, { axis: 1 });
}

function zeros(graph: GraphBuilder, count: number): string {
  return graph.op('ConstantOfShape', [graph.int64(count)]);
}

/**
 * SGD with momentum, weight decay and a pull towards the base model (L2-SP), only where the call applies:
 * v' = momentum v + sum / active + weightDecay w + basePull (w - base), w' = w - learningRate v'. `decay` is weightDecay + basePull.
 */
function addUpdate(graph: GraphBuilder, groups: readonly Parameter[][]): void {
  const scalars = ['pending', 'learningRate', 'momentum', 'decay'] as const;
  for (const name of scalars) graph.input(scalarNames[name], []);
  const outputs = groups.flatMap((_, index) => {
    const { newWeight, newVelocity } = groupNames(index);
    return [newWeight, newVelocity];
  });
  graph.multi('If', [graph.input(scalarNames.apply, [], 'bool')], {
    attributes: {
      then_branch: { kind: 'graph', value: updateBranch(groups) },
      else_branch: { kind: 'graph', value: emptyBranch(outputs.length + 1) },
    },
    outputs: [...outputs, scalarNames.size],
  });
  for (const name of [...outputs, scalarNames.size]) graph.output(name);
}

function updateBranch(groups: readonly Parameter[][]): OnnxGraph {
  const branch = new GraphBuilder(`${OWN_NAMES}update/`);
  const { pending, active, learningRate, momentum, decay } = scalarNames;
  const triplets = branch.op('Max', [branch.op('Add', [pending, active]), branch.scalar(1)]);
  const sizes = groups.map((group, index) => {
    const names = groupNames(index);
    const weight = flatten(branch, group, ({ name }) => name);
    const moving = branch.op('Mul', [names.velocity, momentum]);
    const mean = branch.op('Div', [names.newSum, triplets]);
    const held = branch.op('Sub', [branch.op('Mul', [weight, decay]), names.pull]);
    const velocity = branch.op('Add', [branch.op('Add', [moving, mean]), held]);
    const updated = branch.op('Sub', [weight, branch.op('Mul', [velocity, learningRate])]);
    branch.output(updated);
    branch.output(velocity);
    return branch.op('ReduceSumSquare', [updated], { keepdims: 0 });
  });
  branch.output(branch.op('Sum', sizes));
  return branch.build().graph;
}

/** What there is in place of an update where a call only sums up. */
function emptyBranch(outputs: number): OnnxGraph {
  const branch = new GraphBuilder(`${OWN_NAMES}nothing/`);
  for (let i = 0; i < outputs; i++) branch.output(branch.op('ConstantOfShape', [branch.int64(0)]));
  return branch.build().graph;
}

/** The learner with its parameters as inputs: embeddings under any weights. */
export function buildForwardGraph(learner: OnnxModel, parameters: readonly Parameter[]): GraphBuilder {
  const graph = new GraphBuilder();
  const { embeddings, shapes } = forward(graph, learner, { parameters, metric: 'euclidean' });
  graph.output(embeddings, shapes.get(embeddings)!);
  return graph;
}

export interface Forward {
  readonly nodes: readonly OnnxNode[];
  readonly embeddings: string;
  readonly shapes: ReadonlyMap<string, readonly (number | string)[]>;
  readonly trained: ReadonlySet<string>;
}

/** Writes a learner whose weights are inputs; under a metric of angles its embeddings are made one long. */
export function forward(
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
