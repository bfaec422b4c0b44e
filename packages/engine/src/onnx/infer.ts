import type { OnnxGraph } from './model.ts';
import { operatorRule } from './ops/index.ts';
import { OperatorView } from './ops/operator.ts';
import type { Shape } from './shape.ts';

/**
 * Shapes of all tensors of a normalised graph, by name.
 * @throws SafaceError 'unsupported' that names the operator without a rule or in a form without one.
 */
export function inferShapes(graph: OnnxGraph): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const [name, { dims }] of graph.initializers) shapes.set(name, dims);
  for (const input of graph.inputs) shapes.set(input.name, input.shape ?? []);
  for (const node of graph.nodes) {
    const found = operatorRule(node).infer(new OperatorView(node, shapes, graph.initializers));
    node.outputs.forEach((name, index) => {
      if (name !== '' && found[index]) shapes.set(name, found[index]);
    });
  }
  return shapes;
}
