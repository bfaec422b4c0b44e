import { GraphBuilder, toAttribute } from '../onnx/graph-builder.ts';
import type { OnnxNode } from '../onnx/model.ts';
import { batchTensors, writeBatchNormalization } from '../onnx/ops/batch-statistics.ts';
import { operatorRule } from '../onnx/ops/index.ts';
import { OperatorView } from '../onnx/ops/operator.ts';
import type { Shape } from '../onnx/shape.ts';
import { differentiate } from '../training/autodiff.ts';
import { type Classifier, classDirections, statisticsMomentum } from './classifier.ts';
import type { MarginHead } from './heads/index.ts';
import { marginSoftmax } from './margin-softmax.ts';

/** Names of the tensors that belong to one weight or running statistic. */
export const stepNames = {
  velocity: (name: string) => `${name}/velocity`,
  newVelocity: (name: string) => `${name}/velocity/new`,
  newValue: (name: string) => `${name}/new`,
} as const;

/** Inputs and outputs of the step. All are scalars but `labels`, int64 [N]. */
export const stepScalars = {
  labels: '/labels',
  scale: '/scale',
  margin: '/margin',
  learningRate: '/learning-rate',
  momentum: '/momentum',
  decay: '/decay',
  clip: '/clip',
  loss: '/loss',
  correct: '/correct',
  size: '/size',
} as const;

/**
 * One whole step of pre-training as an ONNX model: forward pass with batch statistics, margin softmax, backward pass by
 * reverse-mode differentiation, and SGD with momentum and weight decay:
 * g' = g min(1, clip / |all g|), v' = momentum v + g' + decay w, w' = w - rate v'.
 *
 * in: pictures [N, ...], labels, the settings, every weight, its velocity and every running statistic.
 * out: loss, correct, the new weights, velocities and statistics, and `size`, finite exactly when all new weights are.
 */
export function buildStepGraph(classifier: Classifier, head: MarginHead): GraphBuilder {
  const graph = new GraphBuilder();
  const scalar = (name: string) => graph.input(name, []);
  const labels = graph.input(stepScalars.labels, ['N'], 'int64');
  const { nodes, shapes, append } = forward(graph, classifier, 'training');
  const unit = (name: string) => append('LpNormalization', [name], { axis: 1, p: 2 });
  const directions = unit(classDirections);
  const cosines = append('Gemm', [unit(classifier.output), directions], { transB: 1 });
  const { loss, correct, gradient } = marginSoftmax(graph, head, {
    cosines,
    labels,
    classes: classifier.classes,
    scale: scalar(stepScalars.scale),
    margin: scalar(stepScalars.margin),
  });
  const gradients = differentiate({
    graph,
    nodes,
    shapes,
    constants: classifier.model.graph.initializers,
    seeds: new Map([[cosines, gradient]]),
    targets: new Set(classifier.parameters.map(({ name }) => name)),
  });
  writeUpdates(graph, classifier, gradients);
  writeStatistics(graph, classifier);
  graph.output(graph.op('Identity', [loss], {}, stepScalars.loss), []);
  graph.output(graph.op('Identity', [correct], {}, stepScalars.correct), []);
  return graph;
}

/** The recogniser with its weights and running statistics as inputs: embeddings as it will serve them. */
export function buildEmbeddingGraph(classifier: Classifier): GraphBuilder {
  const graph = new GraphBuilder();
  forward(graph, classifier, 'serving');
  graph.output(classifier.output, classifier.shapes.get(classifier.output)!);
  return graph;
}

function writeUpdates(graph: GraphBuilder, { parameters }: Classifier, gradients: ReadonlyMap<string, string>): void {
  const scalar = (name: string) => graph.input(name, []);
  const [rate, momentum] = [scalar(stepScalars.learningRate), scalar(stepScalars.momentum)];
  const [decay, clip] = [scalar(stepScalars.decay), scalar(stepScalars.clip)];
  const squares = [...gradients.values()].map((gradient) => graph.op('ReduceSumSquare', [gradient], { keepdims: 0 }));
  const length = graph.op('Sqrt', [graph.op('Sum', squares)]);
  // Max, so that gradients that are all zero divide nothing by zero; not Min of the quotient, which would hide a NaN.
  const factor = graph.op('Div', [clip, graph.op('Max', [length, clip])]);
  const sizes = parameters.map(({ name, dims, decays }) => {
    const velocity = graph.op('Mul', [graph.input(stepNames.velocity(name), dims), momentum]);
    const gradient = gradients.get(name);
    const fresh = gradient === undefined ? velocity : graph.op('Add', [velocity, graph.op('Mul', [gradient, factor])]);
    const held = decays ? [graph.op('Mul', [name, decay])] : [];
    const moved = graph.op(held.length > 0 ? 'Add' : 'Identity', [fresh, ...held], {}, stepNames.newVelocity(name));
    const value = graph.op('Sub', [name, graph.op('Mul', [moved, rate])], {}, stepNames.newValue(name));
    graph.output(moved, dims);
    graph.output(value, dims);
    return graph.op('ReduceSumSquare', [value], { keepdims: 0 });
  });
  graph.output(graph.op('Sum', sizes, {}, stepScalars.size), []);
}

/** New running statistics: mostly the old ones, and a little of this batch's. */
function writeStatistics(graph: GraphBuilder, { statistics, model }: Classifier): void {
  for (const { node, mean, variance } of statistics) {
    const output = node.outputs[0]!;
    const blend = (running: string, batch: string) => {
      const kept = graph.op('Mul', [running, graph.scalar(statisticsMomentum)]);
      const added = graph.op('Mul', [batch, graph.scalar(1 - statisticsMomentum)]);
      const blended = graph.op('Add', [kept, added], {}, stepNames.newValue(running));
      graph.output(blended, model.graph.initializers.get(running)!.dims);
    };
    blend(mean, batchTensors.mean(output));
    blend(variance, batchTensors.variance(output));
  }
}

interface Forward {
  /** What is to be differentiated; BatchNormalization is marked `training_mode`. */
  readonly nodes: readonly OnnxNode[];
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Adds an operator behind the network. */
  append(type: string, inputs: readonly string[], attributes: Readonly<Record<string, number>>): string;
}

function forward(graph: GraphBuilder, classifier: Classifier, mode: 'training' | 'serving'): Forward {
  const { graph: source } = classifier.model;
  const shapes = new Map(classifier.shapes);
  for (const input of source.inputs) graph.input(input.name, input.shape ?? []);
  const own = classifier.parameters.filter(({ name }) => mode === 'training' || name !== classDirections);
  for (const { name, dims } of own) {
    graph.input(name, dims);
    shapes.set(name, dims);
  }
  const varied = new Set(own.map(({ name }) => name));
  for (const { mean, variance } of classifier.statistics) {
    for (const name of [mean, variance]) {
      varied.add(name);
      graph.input(name, source.initializers.get(name)!.dims);
    }
  }
  for (const tensor of source.initializers.values()) if (!varied.has(tensor.name)) graph.tensor(tensor);
  const nodes: OnnxNode[] = [];
  for (const node of source.nodes) {
    if (mode === 'training' && node.type === 'BatchNormalization') {
      writeBatchNormalization(graph, node, shapes.get(node.inputs[0]!)!);
      nodes.push({ ...node, attributes: { ...node.attributes, training_mode: { kind: 'int', value: 1 } } });
    } else {
      graph.node(node);
      nodes.push(node);
    }
  }
  return {
    nodes,
    shapes,
    append(type, inputs, attributes) {
      const output = graph.fresh(type);
      const node: OnnxNode = {
        name: output,
        type,
        domain: '',
        inputs,
        outputs: [output],
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [name, toAttribute(name, value)]),
        ),
      };
      graph.node(node);
      nodes.push(node);
      shapes.set(output, operatorRule(node).infer(new OperatorView(node, shapes, source.initializers))[0]!);
      return output;
    },
  };
}
