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
    const list = scope.values.get(node.inputs[0]!);
    const shape = list ? (list.scalar ? [] : [list.dims.length]) : scope.shapes.get(node.inputs[0]!);
    return shape && { dims: shape.slice(int(node, 'start') ?? 0, int(node, 'end')), scalar: false };
  }
  if (node.type !== 'ConstantOfShape' && !node.inputs.some((name) => scope.values.has(name))) return undefined;
  const operands = node.inputs.map((name) => scope.values.get(name) ?? fromConstant(scope.constants.get(name)));
  if (operands.some((operand) => operand === undefined)) return undefined;
  const [first, second] = operands as ShapeValue[];
  switch (node.type) {
    case 'Cast':
    case 'Identity':
      return first;
    case 'Reshape':
      return { dims: first!.dims, scalar: false };
    case 'Unsqueeze':
    case 'Squeeze':
      return { dims: first!.dims, scalar: node.type === 'Squeeze' && first!.dims.length === 1 };
    case 'Concat':
      return { dims: (operands as ShapeValue[]).flatMap((operand) => [...operand.dims]), scalar: false };
    case 'Gather': {
      const dims = second!.dims.map((index) => first!.dims.at(Number(index))!);
      return { dims, scalar: second!.scalar };
    }
    case 'Slice':
      return { dims: slice(node, operands as ShapeValue[]), scalar: false };
    case 'ConstantOfShape': {
      const { value } = node.attributes;
      // Any other type is no list of sizes.
      if (value?.kind !== 'tensor' || value.value.type !== 'int64') return undefined;
      const filling = Number(value.value.data[0]);
      const [count = 1] = first!.dims;
      return typeof count === 'number' && count <= mostAxes && first!.dims.length <= 1
        ? { dims: Array.from({ length: count }, () => filling), scalar: first!.dims.length === 0 }
        : undefined;
    }
    case 'ReduceProd':
      return first!.dims.every((dim) => typeof dim === 'number')
        ? {
            dims: [first!.dims.reduce<number>((product, dim) => product * Number(dim), 1)],
            scalar: int(node, 'keepdims') === 0,
          }
        : undefined;
    case 'Equal':
      return choose([first!, second!], (a, b) => (a === b ? 1 : 0));
    case 'Where': {
      const [condition, yes, no] = operands as [ShapeValue, ShapeValue, ShapeValue];
      const pick = (index: number) => at(at(condition, index) ? yes : no, index)!;
      return { dims: condition.dims.map((_, index) => pick(index)), scalar: condition.scalar };
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

/** A tensor has no more axes than this. */
const mostAxes = 16;

function int(node: OnnxNode, name: string): number | undefined {
  const attribute = node.attributes[name];
  return attribute?.kind === 'int' ? attribute.value : undefined;
}

/** Bounds and step as inputs, or as the attributes they once were. */
function slice(node: OnnxNode, [list, ...bounds]: readonly ShapeValue[]): Shape {
  const bound = (name: string, index: number) => {
    const attribute = node.attributes[name];
    const value = attribute?.kind === 'ints' ? attribute.value[0] : bounds[index]?.dims[0];
    return value === undefined ? undefined : Number(value);
  };
  const step = bound('steps', 3) ?? 1;
  const taken = list!.dims.slice(bound('starts', 0), bound('ends', 1));
  return taken.filter((_, index) => index % step === 0);
}

/** One number goes with every size. */
const at = ({ dims }: ShapeValue, index: number) => dims[dims.length === 1 ? 0 : index];

function choose(
  [a, b]: readonly [ShapeValue, ShapeValue],
  compute: (a: number | string | undefined, b: number | string | undefined) => number,
): ShapeValue {
  const count = Math.max(a.dims.length, b.dims.length);
  const dims = Array.from({ length: count }, (_, index) => compute(at(a, index), at(b, index)));
  return { dims, scalar: a.scalar && b.scalar };
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
    const [left, right] = [at(a, index), at(b, index)];
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    dims.push(compute(left, right));
  }
  return { dims, scalar: a.scalar && b.scalar };
}
