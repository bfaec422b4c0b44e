import { expect } from 'vitest';
import { floatData, floatTensor, OrtSession } from '../../runtime/session.ts';
import { differentiate } from '../../training/autodiff.ts';
import { noiseArray } from '../../training/fixtures.ts';
import { type Attributes, GraphBuilder } from '../graph-builder.ts';
import { inferShapes } from '../infer.ts';
import { elementCount, type OnnxData } from '../tensor.ts';
import { evaluate, type Value } from './reference.ts';

/** An operand: a float32 tensor that is varied (its shape), a constant (`data`), or an input left out (null). */
export type Operand = readonly number[] | { readonly data: OnnxData; readonly dims?: readonly number[] } | null;

export interface Case {
  readonly op: string;
  readonly operands: readonly Operand[];
  readonly attributes?: Attributes;
  readonly seed?: number;
  /** Added to all varied operands, to keep away from a pole. */
  readonly offset?: number;
  /** Operands whose first axis is the batch, which stays open during shape inference. Default: the first. */
  readonly batched?: readonly number[];
}

/**
 * Checks one operator: ONNX Runtime's forward result and the inferred shape against the float64 reference, and the
 * gradient rule, run by ONNX Runtime in float32, against central differences of the reference.
 */
export async function checkGradient({
  op,
  operands,
  attributes = {},
  seed = 1,
  offset = 0,
  batched = [0],
}: Case): Promise<void> {
  const forward = new GraphBuilder();
  const feeds: Record<string, Value> = {};
  const names = operands.map((operand, index) => {
    const name = `x${index}`;
    if (operand === null) return '';
    if ('data' in operand) return forward.constant(operand.data, operand.dims ?? [operand.data.length], name);
    const data = noiseArray(elementCount(operand), seed * 100 + index).map((value) => value + offset);
    feeds[name] = { dims: operand, data: Float64Array.from(data) };
    const shape = batched.includes(index) ? ['N', ...operand.slice(1)] : operand;
    return forward.input(name, shape);
  });
  forward.output(forward.op(op, names, attributes, 'y'));
  const model = forward.build();
  const inferred = inferShapes(model.graph);
  const reference = evaluate(model.graph, feeds).get('y')!;
  expect(
    inferred.get('y')!.map((dim) => (typeof dim === 'string' ? operands[0] && (operands[0] as number[])[0] : dim)),
    'inferred shape',
  ).toEqual(reference.dims);

  const backward = new GraphBuilder();
  for (const { name, shape } of model.graph.inputs) backward.input(name, shape!);
  for (const tensor of model.graph.initializers.values()) backward.tensor(tensor);
  for (const node of model.graph.nodes) backward.node(node);
  const targets = new Set(Object.keys(feeds));
  const gradients = differentiate({
    graph: backward,
    nodes: model.graph.nodes,
    shapes: inferred,
    constants: model.graph.initializers,
    seeds: new Map([['y', backward.input('dy', inferred.get('y')!)]]),
    targets,
  });
  backward.output('y');
  for (const [name, gradient] of gradients) backward.output(backward.op('Identity', [gradient], {}, `d${name}`));
  const dy = noiseArray(reference.data.length, seed * 100 + 77);
  const session = await OrtSession.create(backward.encode(), { threads: 1 });
  const results = await session.run({
    dy: floatTensor(dy, reference.dims),
    ...Object.fromEntries(
      Object.entries(feeds).map(([name, { dims, data }]) => [name, floatTensor(Float32Array.from(data), dims)]),
    ),
  });
  await session.dispose();
  expectClose(floatData(results.y, 'y'), reference.data, { label: `${op} forward`, tolerance: 1e-4 });
  for (const name of targets) {
    const gradient = results[`d${name}`];
    expect(gradient?.dims, `shape of d${op}/d${name}`).toEqual(feeds[name]!.dims);
    const differences = centralDifferences((moved) => {
      const { data } = evaluate(model.graph, { ...feeds, [name]: { ...feeds[name]!, data: moved } }).get('y')!;
      return data.reduce((sum, value, index) => sum + value * dy[index]!, 0);
    }, feeds[name]!.data);
    expectClose(floatData(gradient, name), differences, { label: `d${op}/d${name}`, tolerance: 1e-3 });
  }
}

const step = 1e-5;

function centralDifferences(loss: (x: Float64Array) => number, x: Float64Array): Float64Array {
  return x.map((value, index) => {
    const moved = (delta: number) => loss(x.with(index, value + delta));
    return (moved(step) - moved(-step)) / (2 * step);
  });
}

/** Holds the Euclidean distance of two lists of numbers against the length of the expected one. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { label, tolerance }: { label: string; tolerance: number },
): void {
  expect(actual.length, `${label}: length`).toBe(expected.length);
  let distance = 0;
  let length = 0;
  for (let index = 0; index < expected.length; index++) {
    distance += (actual[index]! - expected[index]!) ** 2;
    length += expected[index]! ** 2;
  }
  const error = Math.sqrt(distance) / Math.max(Math.sqrt(length), 1e-6);
  expect(error, `${label}: relative error`).toBeLessThan(tolerance);
}
