import type { OnnxGraph } from './model.ts';
import { operatorRule } from './ops/index.ts';
import { OperatorView } from './ops/operator.ts';
import type { Shape } from './shape.ts';

/**
 * Shapes of all tensors of a normalised graph, by name.
 * @throws SafaceError 'unsupported' that names the operator without a rule or in a form without one.
 */
export function inferShapes(graph: OnnxGraph): Map<string, Shape> {
  return infer(graph, (error) => {
    throw error;
  });
}

/** The shapes that can be known or are written down; tensors behind an operator without a rule are left out. */
export function inferSomeShapes(graph: OnnxGraph): Map<string, Shape> {
  const described = new Map(graph.values.flatMap(({ name, shape }) => (shape ? [[name, shape] as const] : [])));
  return infer(graph, () => [], described);
}

function infer(
  graph: OnnxGraph,
  otherwise: (error: unknown) => readonly Shape[],
  described?: ReadonlyMap<string, Shape>,
): Map<string, Shape> {
  const shapes = new Map(described);
  for (const [name, { dims }] of graph.initializers) shapes.set(name, dims);
  for (const input of graph.inputs) shapes.set(input.name, input.shape ?? []);
  for (const node of graph.nodes) {
    const found = attempt(
      () => operatorRule(node).infer(new OperatorView(node, shapes, graph.initializers)),
      otherwise,
    );
    node.outputs.forEach((name, index) => {
      if (name !== '' && found[index]) shapes.set(name, found[index]);
    });
  }
  return shapes;
}

function attempt<T>(compute: () => T, otherwise: (error: unknown) => T): T {
  try {
    return compute();
  } catch (error) {
    return otherwise(error);
  }
}
