import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { OnnxNode } from '../onnx/model.ts';
import { operatorRule } from '../onnx/ops/index.ts';
import { GradientContext, OperatorView } from '../onnx/ops/operator.ts';
import type { Shape } from '../onnx/shape.ts';
import type { OnnxTensor } from '../onnx/tensor.ts';

export interface Differentiation {
  /** Where the backward nodes go; it must hold the forward nodes already. */
  readonly graph: GraphBuilder;
  readonly nodes: readonly OnnxNode[];
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** dLoss/dTensor for the tensors from which the loss is computed. */
  readonly seeds: ReadonlyMap<string, string>;
  /** Tensors whose gradients are wanted. */
  readonly targets: ReadonlySet<string>;
}

/**
 * Reverse-mode differentiation: writes to `graph` the nodes that compute dLoss/dTarget and returns their
 * outputs' names by target. Only gradients on the way from the seeds to a target are computed, so the first trainable
 * operator has no input gradient. Targets that the loss does not depend on are absent from the result.
 * @throws SafaceError 'unsupported' that names an operator without gradient rule
 */
export function differentiate({
  graph,
  nodes,
  shapes,
  constants,
  seeds,
  targets,
}: Differentiation): Map<string, string> {
  const dependent = dependents(nodes, targets);
  const parts = new Map([...seeds].map(([name, gradient]) => [name, [gradient]]));
  const describe = (gradient: string, of: string) => graph.describe(gradient, shapes.get(of)!);
  for (const [name, gradient] of seeds) describe(gradient, name);
  const total = (name: string): string | undefined => {
    const [first, ...others] = parts.get(name) ?? [];
    return first === undefined ? undefined : others.reduce((sum, part) => graph.op('Add', [sum, part]), first);
  };
  for (const node of nodes.toReversed()) {
    const output = node.outputs[0]!;
    const dy = dependent.has(output) ? total(output) : undefined;
    if (dy === undefined) continue;
    const rule = operatorRule(node);
    if (!rule.gradient) throw new OperatorView(node, shapes, constants).refuse('it cannot be trained through');
    const context = new GradientContext(
      { node, shapes, constants },
      { graph, dy, wanted: (name) => dependent.has(name) },
    );
    const gradients = rule.gradient(context);
    node.inputs.forEach((name, index) => {
      const gradient = gradients[index];
      if (gradient === undefined || !dependent.has(name)) return;
      describe(gradient, name);
      if (marked.has(node.type)) graph.markGradient(gradient, { node, operand: index, dy });
      parts.set(name, [...(parts.get(name) ?? []), gradient]);
    });
  }
  return new Map(
    [...targets].flatMap((name) => {
      const gradient = total(name);
      return gradient === undefined ? [] : [[name, gradient] as const];
    }),
  );
}

/** Operators whose gradients a pass over the graph may want to compute in another way. */
const marked = new Set(['Conv', 'AveragePool']);

/** The targets and everything computed from them. */
function dependents(nodes: readonly OnnxNode[], targets: ReadonlySet<string>): Set<string> {
  const found = new Set(targets);
  for (const node of nodes)
    if (node.inputs.some((name) => found.has(name))) for (const name of node.outputs) found.add(name);
  return found;
}
