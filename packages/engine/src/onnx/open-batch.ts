import type { OnnxNode, OnnxValue } from './model.ts';
import { batchAxis, type Shape } from './shape.ts';
import type { ShapeValue } from './shape-values.ts';
import type { OnnxData, OnnxTensor } from './tensor.ts';

/** What is known of the graph that is being written. */
export interface GraphSoFar {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly values: ReadonlyMap<string, ShapeValue>;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** The pictures, of an open batch. */
  readonly input: OnnxValue;
  /** The batch that the file fixes. */
  readonly fixedBatch: number | undefined;
  /** Makes a constant and gives its name. */
  readonly add: (data: OnnxData, dims: readonly number[]) => string;
  /** Writes a node before the one that is being opened. */
  readonly write: (node: OnnxNode) => void;
}

/** A node that an exporter wrote for one batch, or whose sizes it computed from the batch, in a form for any. */
export function openBatch(node: OnnxNode, graph: GraphSoFar): OnnxNode {
  switch (node.type) {
    case 'Reshape':
      return openReshape(node, graph);
    case 'Expand':
      return openExpand(node, graph);
    case 'Concat':
      return openConcat(node, graph);
    default:
      return node;
  }
}

const sizesOf = ({ add }: GraphSoFar, sizes: readonly number[]) =>
  add(BigInt64Array.from(sizes, BigInt), [sizes.length]);

/**
 * A fixed batch size that the exporter wrote into a Reshape becomes "as the input has it", which is what 0 says; not to those that were to
 * say nothing by it.
 */
function openReshape(source: OnnxNode, graph: GraphSoFar): OnnxNode {
  const { allowzero, ...attributes } = source.attributes;
  const target = graph.constants.get(source.inputs[1] ?? '');
  const sizes = target && Array.from(target.data, Number);
  if (sizes?.includes(0)) return source;
  const node = allowzero ? { ...source, attributes } : source;
  const [batch] = graph.shapes.get(node.inputs[0]!) ?? [];
  if (!sizes || batch !== batchAxis || sizes[0] !== graph.fixedBatch) return node;
  return { ...node, inputs: [node.inputs[0]!, sizesOf(graph, [0, ...sizes.slice(1)])] };
}

/**
 * A size that the exporter computed is 1 where Expand's input has the batch already: that stays as it is. Where it has not, as the class
 * token of a transformer, it is added to zeros of the batch.
 */
function openExpand(node: OnnxNode, graph: GraphSoFar): OnnxNode {
  const value = graph.values.get(node.inputs[1] ?? '');
  const shape = graph.shapes.get(node.inputs[0]!);
  if (!value || !shape) return node;
  const own = (axis: number) => shape[axis - value.dims.length + shape.length] ?? 1;
  const sizes = value.dims.map((dim) => (dim === batchAxis || dim === -1 ? 1 : dim));
  if (!sizes.every((size) => typeof size === 'number')) return node;
  const inputs = [node.inputs[0]!, sizesOf(graph, sizes)];
  const axis = value.dims.findIndex((dim, index) => dim === batchAxis && own(index) === 1);
  if (axis < 0) return { ...node, inputs };
  const output = node.outputs[0]!;
  const alone = `${output}/alone`;
  graph.write({ ...node, name: alone, inputs, outputs: [alone] });
  return overBatch(alone, graph, { axis, rank: sizes.length, output });
}

/** What a fixed batch of one made part of every picture, beside what each picture has of its own. */
function openConcat(node: OnnxNode, graph: GraphSoFar): OnnxNode {
  const shapes = node.inputs.map((name) => graph.shapes.get(name));
  const axis = node.attributes.axis?.kind === 'int' ? node.attributes.axis.value : 0;
  if (graph.fixedBatch !== 1 || axis === 0 || !shapes.some((shape) => shape?.[0] === batchAxis)) return node;
  const inputs = node.inputs.map((name, index) => {
    const shape = shapes[index];
    if (shape?.[0] !== 1) return name;
    const output = `${node.outputs[0]}/batch${index}`;
    graph.write(overBatch(name, graph, { axis: 0, rank: shape.length, output }));
    return output;
  });
  return { ...node, inputs };
}

/** Repeats a tensor along the batch: it is added to zeros that the pictures give. */
function overBatch(
  name: string,
  graph: GraphSoFar,
  { axis, rank, output }: { axis: number; rank: number; output: string },
): OnnxNode {
  const part = (type: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string => {
    const made = `${output}/${type}`;
    graph.write({ name: made, type, domain: '', inputs, outputs: [made], attributes });
    return made;
  };
  const axes = graph.input.shape!.slice(1).map((_, index) => index + 1);
  const mean = part('ReduceMean', [graph.input.name], {
    axes: { kind: 'ints', value: axes },
    keepdims: { kind: 'int', value: 0 },
  });
  const zeros = part('Mul', [mean, graph.add(Float32Array.of(0), [])]);
  const sizes = Array.from({ length: rank }, (_, index) => (index === axis ? -1 : 1));
  const row = part('Reshape', [zeros, sizesOf(graph, sizes)]);
  return { name: output, type: 'Add', domain: '', inputs: [name, row], outputs: [output], attributes: {} };
}
