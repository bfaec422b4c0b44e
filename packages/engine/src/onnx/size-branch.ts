import { SIZE_KNOTS, type SizeCentring } from '@saface/core';
import { toAttribute } from './graph-builder.ts';
import { inferShapes } from './infer.ts';
import { decodeModel, encodeModel, type OnnxModel, type OnnxNode } from './model.ts';
import { normalizeModel } from './normalize.ts';
import type { OnnxTensor } from './tensor.ts';

/**
 * A small branch beside the learner that adds to each embedding an offset by how large the face was, which it reads from the
 * features: a small face is blurred, and the mean of each channel tells how much (docs/decisions/027). Learners have it from the cut
 * on, without any effect until a `SizeCentring` is written into its weights, so that versions differ in weights alone.
 *
 * size = mean of each channel x gauge; hidden = max(0, size - knot), and one that is always 1; z = embedding + hidden x offsets.
 * The embedding is then kept z + evened z / |z|.
 */
const PREFIX = 'saface/size/';

const names = {
  gauge: 'saface/size/gauge',
  knots: 'saface/size/knots',
  offsets: 'saface/size/offsets',
  kept: 'saface/size/kept',
  evened: 'saface/size/evened',
  added: 'saface/size/added',
} as const;

/** Weights of the branch: they are found in closed form, no gradient changes them. */
const branchWeights: ReadonlySet<string> = new Set([names.gauge, names.knots, names.offsets, names.kept, names.evened]);

export function isBranchWeight(name: string): boolean {
  return branchWeights.has(name);
}

/** What the branch of a learner is written into, if it has one. */
export const sizeBranch = { offsets: names.offsets, evened: names.evened } as const;

/** Whether a node behind the learner's own is the branch's: the embedding is its first input. */
export function isOfBranch({ inputs }: Pick<OnnxNode, 'inputs'>): boolean {
  return inputs.some((name) => name.startsWith(PREFIX));
}

/** Always 1, and one for each knot. */
const HIDDEN = SIZE_KNOTS + 1;

/**
 * The learner with the branch. As it is where features are no images, where it has the branch already, and where it ends by making
 * embeddings one long: what was measured of those says nothing about the vectors that an offset would be added to.
 */
export function withSizeBranch(learner: OnnxModel): OnnxModel {
  const { graph } = learner;
  const [features] = graph.inputs;
  const [batch, channels, ...image] = features?.shape ?? [];
  const end = embeddingOf(learner);
  if (!features || !end || typeof batch !== 'string' || typeof channels !== 'number' || image.length !== 2)
    return learner;
  const producer = graph.nodes.findIndex(({ outputs }) => outputs.includes(end.tensor));
  const uses = graph.nodes.flatMap(({ inputs }) => inputs).filter((name) => name === end.tensor).length;
  const made = [...graph.initializers.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)];
  const taken = made.some((name) => name.startsWith(PREFIX));
  if (producer < 0 || uses > 1 || taken) return learner;
  const plain = `${end.tensor}/of-any-size`;
  const nodes = graph.nodes.map((node, i) =>
    i === producer
      ? { ...node, outputs: node.outputs.map((output) => (output === end.tensor ? plain : output)) }
      : node,
  );
  const branch = [
    op('GlobalAveragePool', [features.name], 'saface/size/means'),
    op('Flatten', ['saface/size/means'], 'saface/size/levels', { axis: 1 }),
    op('Gemm', ['saface/size/levels', names.gauge, names.knots], 'saface/size/above'),
    op('Relu', ['saface/size/above'], 'saface/size/hidden'),
    op('MatMul', ['saface/size/hidden', names.offsets], 'saface/size/offset'),
    op('Add', [plain, 'saface/size/offset'], names.added),
    op('LpNormalization', [names.added], 'saface/size/one-long', { axis: 1, p: 2 }),
    op('Mul', [names.added, names.kept], 'saface/size/as-long'),
    op('Mul', ['saface/size/one-long', names.evened], 'saface/size/evenly-long'),
    op('Add', ['saface/size/as-long', 'saface/size/evenly-long'], end.tensor),
  ];
  nodes.splice(producer + 1, 0, ...branch);
  const initializers = new Map<string, OnnxTensor>(graph.initializers);
  const add = (name: string, ...dims: readonly number[]) =>
    initializers.set(name, {
      name,
      type: 'float32',
      dims,
      data: idle(name, new Float32Array(dims.reduce((a, b) => a * b, 1))),
    });
  add(names.gauge, channels, HIDDEN);
  add(names.knots, HIDDEN);
  add(names.offsets, HIDDEN, end.dimension);
  add(names.kept);
  add(names.evened);
  return { ...learner, graph: { ...graph, nodes, initializers } };
}

/** Sets one of the branch's weights to what changes nothing. */
function idle(name: string, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  values.fill(0);
  if (name === names.knots || name === names.kept) values[0] = 1;
  return values;
}

/** The learner's last tensor, where it is one embedding for each sample as long as it came out. */
function embeddingOf({ graph }: OnnxModel): { tensor: string; dimension: number } | null {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let tensor = graph.outputs[0]!.name;
  for (let node = producers.get(tensor); node; node = producers.get(tensor)) {
    if (node.type === 'LpNormalization') return null;
    if (node.type !== 'Identity' && node.type !== 'Dropout') break;
    tensor = node.inputs[0]!;
  }
  const shape = inferShapes(graph).get(tensor) ?? [];
  const dimension = shape[1];
  return shape.length === 2 && typeof dimension === 'number' ? { tensor, dimension } : null;
}

function op(type: string, inputs: string[], output: string, attributes: Record<string, number> = {}): OnnxNode {
  return {
    name: output,
    type,
    domain: '',
    inputs,
    outputs: [output],
    attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, toAttribute(key, value)])),
  };
}

/** A learner's file with the branch, where its base has it: versions that were trained before there was one have none. */
export function branchedLike(base: ReadonlyMap<string, unknown>, learner: Uint8Array): Uint8Array {
  if (!base.has(names.offsets)) return learner;
  const model = normalizeModel(decodeModel(learner));
  const branched = withSizeBranch(model);
  return branched === model ? learner : encodeModel(branched);
}

/** Weights with another centring in the branch, or (null) without any; null where the learner has no branch of that form. */
export function centreSizes(
  weights: ReadonlyMap<string, Float32Array>,
  centring: SizeCentring | null,
): Map<string, Float32Array> | null {
  const branch = new Map(
    [...weights].flatMap(([name, values]) => (isBranchWeight(name) ? [[name, values.slice()]] : [])),
  );
  const [gauge, offsets, kept] = [names.gauge, names.offsets, names.kept].map((name) => branch.get(name));
  if (!gauge || !offsets || !kept) return null;
  for (const [name, values] of branch) idle(name, values);
  if (centring) {
    const { origin, knots, length } = centring;
    const dimension = offsets.length / HIDDEN;
    if (centring.gauge.length !== gauge.length / HIDDEN || centring.offsets.length !== SIZE_KNOTS * dimension)
      return null;
    gauge.forEach((_, i) => {
      if (i % HIDDEN > 0) gauge[i] = centring.gauge[Math.floor(i / HIDDEN)]!;
    });
    knots.forEach((knot, k) => {
      branch.get(names.knots)![k + 1] = origin - knot;
    });
    offsets.set(slopes(centring.offsets, knots));
    if (length) {
      kept.fill(length.kept);
      branch.get(names.evened)!.fill(length.evened);
    }
  }
  return new Map([...weights].map(([name, values]) => [name, branch.get(name) ?? values.slice()]));
}

/** From values at the knots, K x D, to what each hidden number adds: the first row, and then what the slope changes by at each knot. */
function slopes(values: Float64Array, knots: Float64Array): Float32Array {
  const dimension = values.length / SIZE_KNOTS;
  const slope = (knot: number, d: number) =>
    knot < 0 || knot >= SIZE_KNOTS - 1
      ? 0
      : (values[(knot + 1) * dimension + d]! - values[knot * dimension + d]!) / (knots[knot + 1]! - knots[knot]!);
  return Float32Array.from({ length: HIDDEN * dimension }, (_, i) => {
    const [row, d] = [Math.floor(i / dimension), i % dimension];
    return row === 0 ? values[d]! : slope(row - 1, d) - slope(row - 2, d);
  });
}
