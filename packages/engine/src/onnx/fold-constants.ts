import type { OnnxNode } from './model.ts';
import { operatorRule } from './ops/index.ts';
import { OperatorView } from './ops/operator.ts';
import { knownSize, type Shape } from './shape.ts';
import { elementCode, type OnnxTensor } from './tensor.ts';

/** Constants that only get another name or other axes: exporters write equal weights once, and the others as their Identity. */
const renaming: ReadonlySet<string> = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);
const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Sqrt: (a) => Math.sqrt(a),
  Neg: (a) => -a,
};
/** What is computed from constants is short: the scale of an attention, say. Weights of a layer are not recomputed here. */
const MOST = 1024;

/** The constant that a node of constants makes, or undefined where it is left for when the model runs. */
export function foldConstant(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): OnnxTensor | undefined {
  const [name] = node.outputs;
  const inputs = node.inputs.filter((input) => input !== '').map((input) => constants.get(input));
  const [first, second] = inputs;
  if (!name || !first || inputs.some((input) => input === undefined) || node.domain !== '') return undefined;
  if (renaming.has(node.type)) return { ...first, name, dims: shapeOf(node, constants) as number[] };
  if (node.type === 'Cast') return cast(first, name, node);
  if (node.type === 'Transpose') return transpose(first, { name, node, constants });
  const compute = Object.hasOwn(arithmetic, node.type) ? arithmetic[node.type] : undefined;
  const float = inputs.every((input) => input!.type === 'float32');
  if (!compute || !float || inputs.length > 2) return undefined;
  const dims = shapeOf(node, constants) as number[];
  const count = knownSize(dims);
  // Of a number, or of as many values as there are: no other broadcasting is needed.
  if (count > MOST || inputs.some((input) => input!.data.length !== 1 && input!.data.length !== count))
    return undefined;
  const at = (tensor: OnnxTensor | undefined, index: number) =>
    tensor ? Number(tensor.data[tensor.data.length === 1 ? 0 : index]) : 0;
  const data = Float32Array.from({ length: count }, (_, index) => compute(at(first, index), at(second, index)));
  return { name, type: 'float32', dims, data };
}

function cast(tensor: OnnxTensor, name: string, { attributes: { to } }: OnnxNode): OnnxTensor | undefined {
  if (to?.kind !== 'int' || to.value !== elementCode('float32') || tensor.data.length > MOST) return undefined;
  return { ...tensor, name, type: 'float32', data: Float32Array.from(Array.from(tensor.data, Number)) };
}

function shapeOf(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): Shape {
  const shapes = new Map([...constants].map(([name, { dims }]) => [name, dims]));
  return operatorRule(node).infer(new OperatorView(node, shapes, constants))[0]!;
}

function transpose(
  tensor: OnnxTensor,
  { name, node, constants }: { name: string; node: OnnxNode; constants: ReadonlyMap<string, OnnxTensor> },
): OnnxTensor | undefined {
  if (!(tensor.data instanceof Float32Array)) return undefined;
  const { perm } = node.attributes;
  const rank = tensor.dims.length;
  const order = perm?.kind === 'ints' ? perm.value : tensor.dims.map((_, axis) => rank - 1 - axis);
  const dims = shapeOf(node, constants) as number[];
  const strides = tensor.dims.map((_, axis) => tensor.dims.slice(axis + 1).reduce((product, dim) => product * dim, 1));
  const data = new Float32Array(tensor.data.length);
  const index = dims.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    let from = 0;
    for (let axis = 0; axis < rank; axis++) from += index[axis]! * strides[order[axis]!]!;
    data[flat] = tensor.data[from]!;
    for (let axis = rank - 1; axis >= 0 && ++index[axis]! === dims[axis]; axis--) index[axis] = 0;
  }
  return { name, type: 'float32', dims, data };
}
