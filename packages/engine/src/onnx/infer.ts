import type { OnnxGraph } from './model.ts';
import { operatorRule } from './ops/index.ts';
import { OperatorView } from './ops/operator.ts';
import type { Shape } from './shape.ts';

/**
 * Shapes of all tensors of a normalised graph, by name. Of a node that has no rule, or a form that its rule does not know, it is the one that
 * the graph describes.
 * @throws SafaceError 'unsupported' that names the operator of which nothing is known.
 */
export function inferShapes(graph: OnnxGraph): Map<string, Shape> {
  return infer(graph, (error) => {
    throw error;
  });
}

/** The shapes that can be known or are written down; tensors behind an operator without a rule are left out. */
export function inferSomeShapes(graph: OnnxGraph): Map<string, Shape> {
  return infer(graph, () => undefined);
}

function infer(graph: OnnxGraph, otherwise: (error: unknown) => void): Map<string, Shape> {
  const shapes = new Map(graph.values.flatMap(({ name, shape }) => (shape ? [[name, shape] as const] : [])));
  for (const [name, { dims }] of graph.initializers) shapes.set(name, dims);
  for (const input of graph.inputs) shapes.set(input.name, input.shape ?? []);
  for (const node of graph.nodes) {
    try {
      const found = operatorRule(node).infer(new OperatorView(node, shapes, graph.initializers));
      node.outputs.forEach((name, index) => {
        if (name !== '' && found[index]) shapes.set(name, found[index]);
      });
    } catch (error) {
      if (!node.outputs.every((name) => name === '' || shapes.has(name))) otherwise(error);
    }
  }
  return shapes;
}
