import { expandGelu } from './expand-gelu.ts';
import type { OnnxAttribute, OnnxNode } from './model.ts';
import { resolveAxis, type Shape } from './shape.ts';
import type { OnnxData, OnnxTensor } from './tensor.ts';

export interface ExpandScope {
  /** Operator set of the node. */
  readonly opset: number;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** Makes a constant and gives its name. */
  readonly add: (data: OnnxData, dims: readonly number[]) => string;
}

/**
 * Operators that can be said in others for which there are rules, so that they can be trained through: Gelu, Pow with a small constant
 * exponent, HardSigmoid, Split and Gather at constant places (as slices), Sum, Reciprocal, Max and Min with a number, Softmax as it was
 * before operator set 13, Pad as it is since 18, and PRelu with slopes that lack their axes.
 * @returns the nodes that replace it, or undefined where it stays as it is
 */
export function expandNode(node: OnnxNode, scope: ExpandScope): OnnxNode[] | undefined {
  const parts = new Parts(node, scope);
  switch (node.type) {
    case 'Gelu':
      return expandGelu(node, parts.scalar);
    case 'Pow':
      return pow(node, parts);
    case 'HardSigmoid':
      return hardSigmoid(node, parts);
    case 'Reciprocal':
      return parts.end('Div', [parts.scalar(1), node.inputs[0]!]);
    case 'Sum':
      return sum(node, parts);
    case 'Split':
      return split(node, parts);
    case 'Gather':
      return gather(node, parts);
    case 'Max':
    case 'Min':
      return limit(node, parts);
    case 'Pad':
      return padEveryAxis(node, parts);
    case 'PRelu':
      return alignSlope(node, parts);
    case 'Softmax':
      return oldSoftmax(node, parts);
    default:
      return undefined;
  }
}

class Parts {
  readonly scope: ExpandScope;
  readonly nodes: OnnxNode[] = [];
  readonly #node: OnnxNode;

  constructor(node: OnnxNode, scope: ExpandScope) {
    this.#node = node;
    this.scope = scope;
  }

  readonly scalar = (value: number): string => this.scope.add(Float32Array.of(value), []);

  ints(...values: readonly number[]): string {
    return this.scope.add(BigInt64Array.from(values, BigInt), [values.length]);
  }

  op(
    type: string,
    inputs: readonly string[],
    { to, attributes = {} }: { to?: string; attributes?: Record<string, OnnxAttribute> } = {},
  ): string {
    const name = to ?? `${this.#node.outputs[0]}/${this.#node.type}${this.nodes.length}`;
    this.nodes.push({ name, type, domain: '', inputs, outputs: [name], attributes });
    return name;
  }

  /** The last part, which makes what the node makes. */
  end(type: string, inputs: readonly string[], attributes: Record<string, OnnxAttribute> = {}): OnnxNode[] {
    this.op(type, inputs, { to: this.#node.outputs[0]!, attributes });
    return this.nodes;
  }

  slice(name: string, { axis, from, to }: { axis: number; from: number; to: number }, output?: string): string {
    return this.op('Slice', [name, this.ints(from), this.ints(to), this.ints(axis)], { to: output });
  }
}

function number(node: OnnxNode, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === 'int' || attribute?.kind === 'float' ? attribute.value : fallback;
}

function pow({ inputs }: OnnxNode, parts: Parts): OnnxNode[] | undefined {
  const [x, y] = inputs as [string, string];
  const exponent = parts.scope.constants.get(y);
  if (exponent?.data.length !== 1) return undefined;
  switch (Number(exponent.data[0])) {
    case 1:
      return parts.end('Identity', [x]);
    case 2:
      return parts.end('Mul', [x, x]);
    case 3:
      return parts.end('Mul', [parts.op('Mul', [x, x]), x]);
    case 4: {
      const square = parts.op('Mul', [x, x]);
      return parts.end('Mul', [square, square]);
    }
    case 0.5:
      return parts.end('Sqrt', [x]);
    case -0.5:
      return parts.end('Div', [parts.scalar(1), parts.op('Sqrt', [x])]);
    case -1:
      return parts.end('Div', [parts.scalar(1), x]);
    default:
      return undefined;
  }
}

function hardSigmoid(node: OnnxNode, parts: Parts): OnnxNode[] {
  const steep = parts.op('Mul', [node.inputs[0]!, parts.scalar(number(node, 'alpha', 0.2))]);
  const line = parts.op('Add', [steep, parts.scalar(number(node, 'beta', 0.5))]);
  return parts.end('Clip', [line, parts.scalar(0), parts.scalar(1)]);
}

function sum({ inputs }: OnnxNode, parts: Parts): OnnxNode[] {
  const [first, ...others] = inputs as [string, ...string[]];
  const last = others.pop();
  if (last === undefined) return parts.end('Identity', [first]);
  return parts.end('Add', [others.reduce((total, other) => parts.op('Add', [total, other]), first), last]);
}

function split(node: OnnxNode, parts: Parts): OnnxNode[] | undefined {
  const [x, given] = node.inputs as [string, string | undefined];
  const shape = parts.scope.shapes.get(x);
  if (!shape) return undefined;
  const axis = resolveAxis(number(node, 'axis', 0), shape.length);
  const size = shape[axis];
  if (typeof size !== 'number') return undefined;
  const { split: listed } = node.attributes;
  // Parts are equal unless they are listed; the last is smaller where that does not come out even.
  const even = Math.ceil(size / node.outputs.length);
  const sizes =
    listed?.kind === 'ints'
      ? listed.value
      : given
        ? Array.from(parts.scope.constants.get(given)?.data ?? [], Number)
        : node.outputs.map((_, index) => Math.min(even, size - index * even));
  if (sizes.length !== node.outputs.length) return undefined;
  let from = 0;
  node.outputs.forEach((output, index) => {
    const to = from + sizes[index]!;
    if (output !== '') parts.slice(x, { axis, from, to }, output);
    from = to;
  });
  return parts.nodes;
}

/** More places than this would make more slices than anybody's model has. */
const mostPlaces = 64;

function gather(node: OnnxNode, parts: Parts): OnnxNode[] | undefined {
  const [x, where] = node.inputs as [string, string];
  const places = parts.scope.constants.get(where);
  const shape = parts.scope.shapes.get(x);
  if (!places || !shape || parts.scope.constants.has(x) || places.dims.length > 1) return undefined;
  const axis = resolveAxis(number(node, 'axis', 0), shape.length);
  const size = shape[axis];
  if (typeof size !== 'number' || places.data.length === 0 || places.data.length > mostPlaces) return undefined;
  const taken = Array.from(places.data, Number).map((place) => {
    const from = place < 0 ? place + size : place;
    return parts.slice(x, { axis, from, to: from + 1 });
  });
  if (places.dims.length === 0) return parts.end('Squeeze', [taken[0]!, parts.ints(axis)]);
  return parts.end('Concat', taken, { axis: { kind: 'int', value: axis } });
}

/** A bound from one side is a Clip. */
function limit(node: OnnxNode, parts: Parts): OnnxNode[] | undefined {
  const { constants } = parts.scope;
  const isNumber = (name: string) => constants.get(name)?.data.length === 1;
  const bound = node.inputs.find(isNumber);
  const x = node.inputs.find((name) => !constants.has(name));
  if (node.inputs.length !== 2 || bound === undefined || x === undefined) return undefined;
  const { data } = constants.get(bound)!;
  if (!(data instanceof Float32Array)) return undefined;
  const scalar = parts.scalar(data[0]!);
  return parts.end('Clip', node.type === 'Max' ? [x, scalar] : [x, '', scalar]);
}

function padEveryAxis(node: OnnxNode, parts: Parts): OnnxNode[] | undefined {
  const [x, given, value = '', listed = ''] = node.inputs as [string, string, string?, string?];
  const { constants, shapes } = parts.scope;
  const [amounts, axes, rank] = [constants.get(given), constants.get(listed), shapes.get(x)?.length];
  if (!amounts || !axes || rank === undefined) return undefined;
  const pads = Array.from({ length: 2 * rank }, () => 0);
  Array.from(axes.data, Number).forEach((axis, index) => {
    const to = resolveAxis(axis, rank);
    pads[to] = Number(amounts.data[index]);
    pads[to + rank] = Number(amounts.data[index + axes.data.length]);
  });
  return parts.end('Pad', value === '' ? [x, parts.ints(...pads)] : [x, parts.ints(...pads), value], node.attributes);
}

/** Old exporters wrote one slope for each channel without the axes behind them. */
function alignSlope(node: OnnxNode, parts: Parts): OnnxNode[] | undefined {
  const [x, given] = node.inputs as [string, string];
  const [slope, shape] = [parts.scope.constants.get(given), parts.scope.shapes.get(x)];
  const [channels] = slope?.dims ?? [];
  if (slope?.dims.length !== 1 || shape?.length !== 4 || channels !== shape[1] || channels === shape[3])
    return undefined;
  return parts.end('PRelu', [x, parts.scope.add(slope.data, [channels!, 1, 1])]);
}

/** Before operator set 13 the axes from `axis` on, by default 1, were one. */
function oldSoftmax(node: OnnxNode, parts: Parts): OnnxNode[] | undefined {
  const shape = parts.scope.shapes.get(node.inputs[0]!);
  if (parts.scope.opset >= 13 || !shape) return undefined;
  const axis = resolveAxis(number(node, 'axis', 1), shape.length);
  const last: Record<string, OnnxAttribute> = { axis: { kind: 'int', value: -1 } };
  if (axis === shape.length - 1)
    return number(node, 'axis', 1) === -1 ? undefined : parts.end('Softmax', [node.inputs[0]!], last);
  const flat = parts.op('Flatten', [node.inputs[0]!], { attributes: { axis: { kind: 'int', value: axis } } });
  const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : 0));
  return parts.end('Reshape', [parts.op('Softmax', [flat], { attributes: last }), parts.ints(...sizes)]);
}
