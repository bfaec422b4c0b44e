import type { OnnxGraph, OnnxNode } from '../model.ts';
import { OperatorView } from '../ops/operator.ts';
import { windowOf } from '../ops/window.ts';
import { elementCount } from '../tensor.ts';

/**
 * A second, deliberately plain implementation of the operators in float64, one value at a time: what the
 * float32 kernels and the gradient rules are held against. Shares no arithmetic with them.
 */
export interface Value {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

export function evaluate(graph: OnnxGraph, feeds: Readonly<Record<string, Value>>): Map<string, Value> {
  const values = new Map(Object.entries(feeds));
  for (const tensor of graph.initializers.values()) {
    if (!values.has(tensor.name))
      values.set(tensor.name, { dims: tensor.dims, data: Float64Array.from(tensor.data, Number) });
  }
  const shapes = new Map([...values].map(([name, { dims }]) => [name, dims]));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name));
    const kernel = kernels[node.type];
    if (!kernel) throw new Error(`the reference has no ${node.type}`);
    const output = kernel(inputs as Value[], new OperatorView(node, shapes, graph.initializers), node);
    values.set(node.outputs[0]!, output);
    shapes.set(node.outputs[0]!, output.dims);
  }
  return values;
}

type Kernel = (inputs: readonly Value[], view: OperatorView, node: OnnxNode) => Value;

/** Builds a value from a function of the index along each axis. */
function tabulate(dims: readonly number[], at: (index: readonly number[]) => number): Value {
  const data = new Float64Array(elementCount(dims));
  const index = dims.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    let rest = flat;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = rest % dims[axis]!;
      rest = Math.floor(rest / dims[axis]!);
    }
    data[flat] = at(index);
  }
  return { dims, data };
}

/** The value at an index; axes of size 1 repeat, missing leading axes too. */
function at({ dims, data }: Value, index: readonly number[]): number {
  const skip = index.length - dims.length;
  let flat = 0;
  for (let axis = 0; axis < dims.length; axis++)
    flat = flat * dims[axis]! + (dims[axis] === 1 ? 0 : index[axis + skip]!);
  return data[flat]!;
}

const map =
  (compute: (x: number, view: OperatorView) => number): Kernel =>
  ([x], view) => ({ dims: x!.dims, data: x!.data.map((value) => compute(value, view)) });

const combine =
  (compute: (a: number, b: number) => number): Kernel =>
  ([a, b]) => {
    const rank = Math.max(a!.dims.length, b!.dims.length);
    const dim = (value: Value, axis: number) => value.dims[axis - rank + value.dims.length] ?? 1;
    const dims = Array.from({ length: rank }, (_, axis) => Math.max(dim(a!, axis), dim(b!, axis)));
    return tabulate(dims, (index) => compute(at(a!, index), at(b!, index)));
  };

/** Sums over every index of the named axes. */
function total(x: Value, axes: readonly number[], term: (value: number) => number): Value {
  const dims = x.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const sums = new Float64Array(elementCount(dims));
  tabulate(x.dims, (index) => {
    const flat = dims.reduce((sum, dim, axis) => sum * dim + (dim === 1 ? 0 : index[axis]!), 0);
    sums[flat] = sums[flat]! + term(at(x, index));
    return 0;
  });
  return { dims, data: sums };
}

const reduce =
  (term: (value: number) => number, finish: (sum: number, count: number) => number): Kernel =>
  ([x], view) => {
    const rank = x!.dims.length;
    const axes = (view.ints('axes') ?? view.integers(1) ?? x!.dims.map((_, axis) => axis)).map(
      (axis) => (axis + rank) % rank,
    );
    const sum = total(x!, axes, term);
    const count = axes.reduce((product, axis) => product * x!.dims[axis]!, 1);
    const dims = view.int('keepdims', 1) === 1 ? sum.dims : sum.dims.filter((_, axis) => !axes.includes(axis));
    return { dims, data: sum.data.map((value) => finish(value, count)) };
  };

const rename =
  (dims: (view: OperatorView, x: Value) => readonly number[]): Kernel =>
  ([x], view) => {
    const target = dims(view, x!);
    const rest = x!.data.length / Math.abs(elementCount(target));
    return { dims: target.map((dim) => (dim === -1 ? rest : dim)), data: x!.data };
  };

/** Calls `visit` for every cell of the window at output (y, x) that lies inside the image. */
function window(view: OperatorView, kernel: readonly number[]) {
  const { strides, dilations, pads, input, output } = windowOf(view, kernel);
  const each = (y: number, x: number, visit: (place: [number, number], cell: [number, number]) => void) => {
    for (let i = 0; i < kernel[0]!; i++) {
      for (let j = 0; j < kernel[1]!; j++) {
        const [row, column] = [
          y * strides[0] - pads[0] + i * dilations[0],
          x * strides[1] - pads[1] + j * dilations[1],
        ];
        if (row >= 0 && row < input[0] && column >= 0 && column < input[1]) visit([row, column], [i, j]);
      }
    }
  };
  return { output, each };
}

const conv: Kernel = ([x, w, b], view) => {
  const groups = view.int('group', 1);
  const own = w!.dims[1]!;
  const { output, each } = window(view, w!.dims.slice(2));
  // Most of the time goes here, so factors are found without an array for the index of each.
  const [, , height, width] = x!.dims as [number, number, number, number];
  const [, , rows, columns] = w!.dims as [number, number, number, number];
  return tabulate([x!.dims[0]!, w!.dims[0]!, ...output], ([n, filter, row, column]) => {
    const group = Math.floor(filter! / (w!.dims[0]! / groups));
    const image = (n! * x!.dims[1]! + group * own) * height * width;
    const weights = filter! * own * rows * columns;
    let sum = b ? b.data[filter!]! : 0;
    each(row!, column!, ([y, z], [i, j]) => {
      for (let c = 0; c < own; c++)
        sum += x!.data[image + (c * height + y) * width + z]! * w!.data[weights + (c * rows + i) * columns + j]!;
    });
    return sum;
  });
};

const pool =
  (collect: (values: readonly number[], cells: number, view: OperatorView) => number): Kernel =>
  ([x], view) => {
    const kernel = view.ints('kernel_shape')!;
    const { output, each } = window(view, kernel);
    return tabulate([x!.dims[0]!, x!.dims[1]!, ...output], ([n, c, row, column]) => {
      const values: number[] = [];
      each(row!, column!, ([y, z]) => values.push(at(x!, [n!, c!, y, z])));
      return collect(values, kernel[0]! * kernel[1]!, view);
    });
  };

const matMul: Kernel = ([a, b]) => {
  const lead = combine((x) => x)(
    [
      { dims: a!.dims.slice(0, -2), data: new Float64Array(1) },
      { dims: b!.dims.slice(0, -2), data: new Float64Array(1) },
    ],
    undefined as never,
    undefined as never,
  ).dims;
  return tabulate([...lead, a!.dims.at(-2)!, b!.dims.at(-1)!], (index) => {
    let sum = 0;
    for (let k = 0; k < a!.dims.at(-1)!; k++)
      sum += at(a!, [...index.slice(0, -1), k]) * at(b!, [...index.slice(0, -2), k, index.at(-1)!]);
    return sum;
  });
};

const gemm: Kernel = ([a, b, c], view) => {
  const [transA, transB] = [view.int('transA', 0) === 1, view.int('transB', 0) === 1];
  const rows = a!.dims[transA ? 1 : 0]!;
  const inner = a!.dims[transA ? 0 : 1]!;
  const columns = b!.dims[transB ? 0 : 1]!;
  return tabulate([rows, columns], ([i, j]) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += at(a!, transA ? [k, i!] : [i!, k]) * at(b!, transB ? [j!, k] : [k, j!]);
    return view.float('alpha', 1) * sum + (c ? view.float('beta', 1) * at(c, [i!, j!]) : 0);
  });
};

const slice: Kernel = ([x], view) => {
  const rank = x!.dims.length;
  const axes = (view.integers(3) ?? x!.dims.map((_, axis) => axis)).map((axis) => (axis + rank) % rank);
  const picks = x!.dims.map((dim, axis) => {
    const places = Array.from({ length: dim }, (_, place) => place);
    const which = axes.indexOf(axis);
    if (which < 0) return places;
    const step = view.integers(4)?.[which] ?? 1;
    return places.slice(view.integers(1)![which], view.integers(2)![which]).filter((_, place) => place % step === 0);
  });
  return tabulate(
    picks.map((pick) => pick.length),
    (index) =>
      at(
        x!,
        index.map((place, axis) => picks[axis]![place]!),
      ),
  );
};

const pad: Kernel = ([x], view) => {
  const pads = view.integers(1)!;
  const rank = x!.dims.length;
  return tabulate(
    x!.dims.map((dim, axis) => dim + pads[axis]! + pads[axis + rank]!),
    (index) => {
      const source = index.map((place, axis) => place - pads[axis]!);
      return source.every((place, axis) => place >= 0 && place < x!.dims[axis]!) ? at(x!, source) : 0;
    },
  );
};

const softmax: Kernel = ([x], view) => {
  const exponents = { dims: x!.dims, data: x!.data.map(Math.exp) };
  const axis = (view.int('axis', -1) + x!.dims.length) % x!.dims.length;
  const sum = total(exponents, [axis], (value) => value);
  return tabulate(x!.dims, (index) => at(exponents, index) / at(sum, index));
};

const unit: Kernel = ([x], view) => {
  const axis = (view.int('axis', -1) + x!.dims.length) % x!.dims.length;
  const sum = total(x!, [axis], (value) => value * value);
  return tabulate(x!.dims, (index) => at(x!, index) / Math.sqrt(at(sum, index)));
};

const batchNormalization: Kernel = ([x, scale, shift, mean, variance], view) =>
  tabulate(x!.dims, (index) => {
    const c = index[1]!;
    return (
      ((at(x!, index) - mean!.data[c]!) / Math.sqrt(variance!.data[c]! + view.float('epsilon', 1e-5))) *
        scale!.data[c]! +
      shift!.data[c]!
    );
  });

const concat: Kernel = (inputs, view) => {
  const axis = view.int('axis', 0);
  const dims = inputs[0]!.dims.map((dim, place) =>
    place === axis ? inputs.reduce((sum, input) => sum + input.dims[axis]!, 0) : dim,
  );
  return tabulate(dims, (index) => {
    let place = index[axis]!;
    const input = inputs.find((candidate) => {
      if (place < candidate.dims[axis]!) return true;
      place -= candidate.dims[axis]!;
      return false;
    });
    return at(
      input!,
      index.map((value, other) => (other === axis ? place : value)),
    );
  });
};

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** By its power series, which is exact enough near 0. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function layerNormalization(inputs: readonly Value[], view: OperatorView): Value {
  const [x, scale, bias] = inputs as [Value, Value, Value | undefined];
  const rank = x.dims.length;
  const first = (view.int('axis', -1) + rank) % rank;
  const each = elementCount(x.dims.slice(first));
  const data = x.data.map((value, index) => {
    const start = index - (index % each);
    const group = x.data.subarray(start, start + each);
    const mean = group.reduce((sum, other) => sum + other, 0) / each;
    const variance = group.reduce((sum, other) => sum + (other - mean) ** 2, 0) / each;
    const normal = (value - mean) / Math.sqrt(variance + view.float('epsilon', 1e-5));
    return normal * scale.data[index % each]! + (bias?.data[index % each] ?? 0);
  });
  return { dims: x.dims, data };
}

const kernels: Readonly<Record<string, Kernel>> = {
  Add: combine((a, b) => a + b),
  Sub: combine((a, b) => a - b),
  Mul: combine((a, b) => a * b),
  Div: combine((a, b) => a / b),
  PRelu: combine((x, slope) => (x > 0 ? x : slope * x)),
  Relu: map((x) => Math.max(x, 0)),
  LeakyRelu: map((x, view) => (x > 0 ? x : view.float('alpha', 0.01) * x)),
  Clip: ([x], view) => {
    const [low, high] = [view.number(1) ?? -Infinity, view.number(2) ?? Infinity];
    return { dims: x!.dims, data: x!.data.map((value) => Math.min(Math.max(value, low), high)) };
  },
  Sigmoid: map((x) => 1 / (1 + Math.exp(-x))),
  Erf: map(erf),
  Exp: map((x) => Math.exp(x)),
  Sqrt: map((x) => Math.sqrt(x)),
  Tanh: map((x) => Math.tanh(x)),
  LayerNormalization: layerNormalization,
  HardSwish: map((x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1)),
  Identity: map((x) => x),
  Dropout: map((x) => x),
  Conv: conv,
  MatMul: matMul,
  Gemm: gemm,
  AveragePool: pool(
    (values, cells, view) => sum(values) / (view.int('count_include_pad', 0) === 1 ? cells : values.length),
  ),
  MaxPool: pool((values) => Math.max(...values)),
  GlobalAveragePool: ([x]) => {
    const sums = total(x!, [2, 3], (value) => value);
    return { dims: sums.dims, data: sums.data.map((value) => value / (x!.dims[2]! * x!.dims[3]!)) };
  },
  ReduceMean: reduce(
    (x) => x,
    (value, count) => value / count,
  ),
  ReduceSum: reduce(
    (x) => x,
    (value) => value,
  ),
  ReduceL2: reduce((x) => x * x, Math.sqrt),
  Reshape: rename((view, x) => view.integers(1)!.map((dim, axis) => (dim === 0 ? x.dims[axis]! : dim))),
  Flatten: rename((view, x) => [
    elementCount(x.dims.slice(0, view.int('axis', 1))),
    elementCount(x.dims.slice(view.int('axis', 1))),
  ]),
  Squeeze: rename((view, x) => x.dims.filter((_, axis) => !view.integers(1)!.includes(axis))),
  Unsqueeze: rename((view, x) => {
    const rest = [...x.dims];
    return Array.from({ length: rest.length + view.integers(1)!.length }, (_, axis) =>
      view.integers(1)!.includes(axis) ? 1 : rest.shift()!,
    );
  }),
  Expand: ([x], view) =>
    combine((a) => a)(
      [x!, { dims: view.integers(1)!, data: new Float64Array(elementCount(view.integers(1)!)) }],
      view,
      view.node,
    ),
  Transpose: ([x], view) => {
    const perm = view.ints('perm')!;
    return tabulate(
      perm.map((axis) => x!.dims[axis]!),
      (index) =>
        at(
          x!,
          x!.dims.map((_, axis) => index[perm.indexOf(axis)]!),
        ),
    );
  },
  Concat: concat,
  Slice: slice,
  Pad: pad,
  Softmax: softmax,
  LpNormalization: unit,
  BatchNormalization: batchNormalization,
};
