import { SafaceError } from '@saface/core';
import { withConditionBranch } from './condition-branch.ts';
import { inferShapes } from './infer.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.ts';
import { operatorRule } from './ops/index.ts';
import { OperatorView } from './ops/operator.ts';
import { batchAxis, formatShape, type Shape } from './shape.ts';

/** What lies on one side of a cut. */
export interface Side {
  /** Number of float32 constants. */
  readonly parameters: number;
  /** Floating-point operations for one sample. */
  readonly flops: number;
}

/** A tensor through which everything flows: cutting there yields two models whose composition is the whole. */
export interface Cut {
  readonly tensor: string;
  /** Shape of one sample's features, without the batch axis. */
  readonly shape: readonly number[];
  readonly extractor: Side;
  readonly learner: Side;
}

/** All places where a normalised model can be cut and something is left to learn, from input to output. */
export function legalCuts(model: OnnxModel): Cut[] {
  const { graph } = model;
  const shapes = inferShapes(graph);
  const costs = graph.nodes.map((node) => nodeCost(node, shapes, graph));
  const total = graph.nodes.reduce((sum, _, index) => sum + costs[index]!, 0);
  const allParameters = parametersOf(graph.nodes, graph);
  const lastUse = lastUses(graph);
  const live = new Set(graph.inputs.map((input) => input.name));
  const cuts: Cut[] = [];
  let flops = 0;
  let parameters = 0;
  const counted = new Set<string>();
  graph.nodes.forEach((node, index) => {
    flops += costs[index]!;
    parameters += parametersOf([node], graph, counted);
    for (const name of node.outputs) if ((lastUse.get(name) ?? -1) > index) live.add(name);
    for (const name of live) if (lastUse.get(name)! <= index) live.delete(name);
    const [tensor] = live;
    const [batch, ...shape] = shapes.get(tensor ?? '') ?? [];
    if (live.size !== 1 || tensor !== node.outputs[0] || tensor === graph.outputs[0]?.name || batch !== batchAxis)
      return;
    if (parameters === allParameters) return;
    cuts.push({
      tensor: tensor!,
      shape: shape as number[],
      extractor: { parameters, flops },
      learner: { parameters: allParameters - parameters, flops: total - flops },
    });
  });
  return cuts;
}

/**
 * The "cut" of a model that is used without learning: its output. Everything is extractor then; the learner hands the
 * embedding on and has no weights, so that the edge serves it as any other and training it is refused.
 */
export function noCut(model: OnnxModel): string {
  return model.graph.outputs[0]!.name;
}

/**
 * Cuts a normalised model (paper section 4.2.2) into the scenario-shared extractor, which ends with `tensor`,
 * and the scenario-aware learner, which takes `tensor` as its input; it has a branch beside it, see `withConditionBranch`.
 * @throws SafaceError 'invalid-input' that lists the legal cuts when `tensor` is none.
 */
export function cutModel(model: OnnxModel, tensor: string): { cut: Cut; extractor: OnnxModel; learner: OnnxModel } {
  if (tensor === noCut(model)) return uncut(model);
  const cuts = legalCuts(model);
  const cut = cuts.find((candidate) => candidate.tensor === tensor);
  if (!cut) {
    const known = model.graph.nodes.some((node) => node.outputs.includes(tensor));
    const names = cuts.map((candidate) => `${candidate.tensor} ${formatShape(candidate.shape)}`).join('; ');
    throw new SafaceError(
      'invalid-input',
      known ? `The model cannot be cut at "${tensor}": something passes it by` : `The model has no tensor "${tensor}"`,
      cuts.length > 0 ? `Cut it at one of: ${names}.` : 'This model cannot be cut anywhere.',
    );
  }
  const { graph } = model;
  const end = graph.nodes.findIndex((node) => node.outputs.includes(tensor)) + 1;
  const features = { name: tensor, type: 'float32', shape: [batchAxis, ...cut.shape] } as const;
  const part = (nodes: readonly OnnxNode[], rest: Pick<OnnxGraph, 'inputs' | 'outputs' | 'name'>): OnnxModel => {
    const used = new Set(nodes.flatMap((node) => node.inputs));
    const initializers = new Map([...graph.initializers].filter(([name]) => used.has(name)));
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const values = graph.values.filter(({ name }) => made.has(name));
    return { ...model, graph: { ...rest, nodes, initializers, values } };
  };
  return {
    cut,
    extractor: part(graph.nodes.slice(0, end), { name: 'extractor', inputs: graph.inputs, outputs: [features] }),
    learner: withConditionBranch(
      part(graph.nodes.slice(end), { name: 'learner', inputs: [features], outputs: graph.outputs }),
    ),
  };
}

function uncut(model: OnnxModel): ReturnType<typeof cutModel> {
  const { graph } = model;
  const output = graph.outputs[0]!;
  const embedding = { ...output, name: `${output.name}/served` };
  const nodes = [
    { name: 'serve', type: 'Identity', domain: '', inputs: [output.name], outputs: [embedding.name], attributes: {} },
  ];
  return {
    cut: {
      tensor: output.name,
      shape: (output.shape ?? []).slice(1) as number[],
      extractor: { parameters: parametersOf(graph.nodes, graph), flops: countFlops(model) },
      learner: { parameters: 0, flops: 0 },
    },
    extractor: model,
    learner: {
      ...model,
      graph: { name: 'learner', inputs: [output], outputs: [embedding], nodes, initializers: new Map(), values: [] },
    },
  };
}

/** Floating-point operations of a normalised model for one sample. */
export function countFlops(model: OnnxModel): number {
  const shapes = inferShapes(model.graph);
  return model.graph.nodes.reduce((sum, node) => sum + nodeCost(node, shapes, model.graph), 0);
}

function nodeCost(node: OnnxNode, shapes: ReadonlyMap<string, Shape>, graph: OnnxGraph): number {
  const rule = operatorRule(node);
  const view = new OperatorView(node, shapes, graph.initializers);
  try {
    if (rule.flops) return rule.flops(view);
  } catch (error) {
    // A form that the rule does not know, of which the file describes the shape: counted as one operation a value.
    if (!(error instanceof SafaceError) || error.code !== 'unsupported') throw error;
  }
  return view.outputShape.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1);
}

/** Those in `counted` are not counted again. */
function parametersOf(nodes: readonly OnnxNode[], graph: OnnxGraph, counted = new Set<string>()): number {
  let sum = 0;
  for (const name of nodes.flatMap((node) => node.inputs)) {
    const tensor = graph.initializers.get(name);
    if (tensor?.type !== 'float32' || counted.has(name)) continue;
    counted.add(name);
    sum += tensor.data.length;
  }
  return sum;
}

/** Index of the last node that reads each tensor; the output is read after all of them. */
function lastUses(graph: OnnxGraph): Map<string, number> {
  const uses = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const name of node.inputs) uses.set(name, index);
  });
  for (const output of graph.outputs) uses.set(output.name, graph.nodes.length);
  return uses;
}
