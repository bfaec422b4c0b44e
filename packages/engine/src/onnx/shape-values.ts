import type { OnnxNode } from './model.ts';
import type { Shape } from './shape.ts';
import type { OnnxTensor } from './tensor.ts';

/** A list of sizes that exporters compute inside the graph (`x.view(x.size(0), -1)`); `scalar` when it is one number without axes. */
export interface ShapeValue {
  readonly dims: Shape;
  readonly scalar: boolean;
}

export interface ShapeScope {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly values: ReadonlyMap<string, ShapeValue>;
}

/**
 * The value of a node that computes sizes from sizes, or undefined when it computes something else.
 * Such nodes vanish from a normalised model.
 */
export function shapeValue(node: OnnxNode, scope: ShapeScope): ShapeValue | undefined {
  if (node.type === 'Shape') {
    const shape = scope.shapes.get(node.inputs[0]!);
    return shape && Object.keys(node.attributes).length === 0 ? { dims: shape, scalar: false } : undefined;
  }
  if (!node.inputs.some((name) => scope.values.has(name))) return undefined;
  const operands = node.inputs.map((name) => scope.values.get(name) ?? fromConstant(scope.constants.get(name)));
  if (operands.some((operand) => operand === undefined)) return undefined;
  const [first, second] = operands as ShapeValue[];
  switch (node.type) {
    case 'Cast':
    case 'Identity':
      return first;
    case 'Unsqueeze':
    case 'Squeeze':
      return { dims: first!.dims, scalar: node.type === 'Squeeze' && first!.dims.length === 1 };
    case 'Concat':
      return { dims: (operands as ShapeValue[]).flatMap((operand) => [...operand.dims]), scalar: false };
    case 'Gather': {
      const dims = second!.dims.map((index) => first!.dims.at(Number(index))!);
      return { dims, scalar: second!.scalar };
    }
    case 'Slice': {
      const [start = 0, end = first!.dims.length] = [operands[1], operands[2]].map((bound) => Number(bound?.dims[0]));
      return { dims: first!.dims.slice(start, end), scalar: false };
    }
    case 'Mul':
      return arithmetic([first!, second!], (a, b) => a * b);
    case 'Add':
      return arithmetic([first!, second!], (a, b) => a + b);
    case 'Sub':
      return arithmetic([first!, second!], (a, b) => a - b);
    case 'Div':
      return arithmetic([first!, second!], (a, b) => Math.trunc(a / b));
    default:
      return undefined;
  }
}

function fromConstant(tensor: OnnxTensor | undefined): ShapeValue | undefined {
  if (!tensor || tensor.dims.length > 1 || (tensor.type !== 'int64' && tensor.type !== 'int32')) return undefined;
  return { dims: Array.from(tensor.data, Number), scalar: tensor.dims.length === 0 };
}

function arithmetic(
  [a, b]: readonly [ShapeValue, ShapeValue],
  compute: (a: number, b: number) => number,
): ShapeValue | undefined {
  const count = Math.max(a.dims.length, b.dims.length);
  const dims: number[] = [];
  for (let index = 0; index < count; index++) {
    const left = a.dims[a.dims.length === 1 ? 0 : index];
    const right = b.dims[b.dims.length === 1 ? 0 : index];
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    dims.push(compute(left, right));
  }
  return { dims, scalar: a.scalar && b.scalar };
}
