import { type ConditionCentring, type Evening, LEVEL_LIMIT } from '@saface/core';
import { toAttribute } from './graph-builder.ts';
import { inferShapes } from './infer.ts';
import { decodeModel, encodeModel, type OnnxModel, type OnnxNode } from './model.ts';
import { normalizeModel } from './normalize.ts';
import type { OnnxTensor } from './tensor.ts';

/**
 * A small branch beside the learner that adds to each embedding an offset by the conditions that the face was seen under, which it
 * reads from the features: the mean of each channel tells how large, how sharp and how bright it was (docs/decisions/027). Learners
 * have it from the cut on, without any effect until a `ConditionCentring` is written into its weights, so that versions differ in
 * weights alone.
 *
 * level = mean of each channel x scale + shift, LEVEL_LIMIT at most; z = embedding + level x slopes + offset. The embedding is then
 * kept z + evened z / |z|.
 */
const PREFIX = 'saface/conditions/';

const names = {
  scale: 'saface/conditions/scale',
  shift: 'saface/conditions/shift',
  slopes: 'saface/conditions/slopes',
  offset: 'saface/conditions/offset',
  kept: 'saface/conditions/kept',
  evened: 'saface/conditions/evened',
  added: 'saface/conditions/added',
} as const;

/** Weights of the branch: they are found in closed form, no gradient changes them. */
const branchWeights: ReadonlySet<string> = new Set([
  names.scale,
  names.shift,
  names.slopes,
  names.offset,
  names.kept,
  names.evened,
]);

export function isBranchWeight(name: string): boolean {
  return branchWeights.has(name);
}

/** What the branch of a learner adds to embeddings, D numbers in each row, if it has one. */
export const addedByBranch = [names.slopes, names.offset] as const;

/** How lengths of embeddings are evened by these weights; null = not, or there is no branch. */
export function eveningOf(weights: ReadonlyMap<string, Float32Array>): Evening | null {
  const [kept, evened] = [weights.get(names.kept)?.[0], weights.get(names.evened)?.[0]];
  return kept !== undefined && evened ? { kept, evened } : null;
}

/** Whether a node behind the learner's own is the branch's: the embedding is its first input. */
export function isOfBranch({ inputs }: Pick<OnnxNode, 'inputs'>): boolean {
  return inputs.some((name) => name.startsWith(PREFIX));
}

/**
 * The learner with the branch. As it is where features are no images, where it has the branch already, and where it ends by making
 * embeddings one long: what was measured of those says nothing about the vectors that an offset would be added to.
 */
export function withConditionBranch(learner: OnnxModel): OnnxModel {
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
  const plain = `${end.tensor}/as-seen`;
  const nodes = graph.nodes.map((node, i) =>
    i === producer
      ? { ...node, outputs: node.outputs.map((output) => (output === end.tensor ? plain : output)) }
      : node,
  );
  const branch = [
    op('GlobalAveragePool', [features.name], 'saface/conditions/means'),
    op('Flatten', ['saface/conditions/means'], 'saface/conditions/flat', { axis: 1 }),
    op('Mul', ['saface/conditions/flat', names.scale], 'saface/conditions/scaled'),
    op('Add', ['saface/conditions/scaled', names.shift], 'saface/conditions/shifted'),
    op('Clip', ['saface/conditions/shifted', `${PREFIX}least`, `${PREFIX}most`], 'saface/conditions/levels'),
    op('Gemm', ['saface/conditions/levels', names.slopes, names.offset], 'saface/conditions/sum'),
    op('Add', [plain, 'saface/conditions/sum'], names.added),
    op('LpNormalization', [names.added], 'saface/conditions/one-long', { axis: 1, p: 2 }),
    op('Mul', [names.added, names.kept], 'saface/conditions/as-long'),
    op('Mul', ['saface/conditions/one-long', names.evened], 'saface/conditions/evenly-long'),
    op('Add', ['saface/conditions/as-long', 'saface/conditions/evenly-long'], end.tensor),
  ];
  nodes.splice(producer + 1, 0, ...branch);
  const initializers = new Map<string, OnnxTensor>(graph.initializers);
  const add = (name: string, dims: readonly number[], data?: Float32Array<ArrayBuffer>) =>
    initializers.set(name, {
      name,
      type: 'float32',
      dims,
      data: data ?? idle(name, new Float32Array(dims.reduce((a, b) => a * b, 1))),
    });
  add(names.scale, [channels]);
  add(names.shift, [channels]);
  add(`${PREFIX}least`, [], Float32Array.of(-LEVEL_LIMIT));
  add(`${PREFIX}most`, [], Float32Array.of(LEVEL_LIMIT));
  add(names.slopes, [channels, end.dimension]);
  add(names.offset, [end.dimension]);
  add(names.kept, []);
  add(names.evened, []);
  return { ...learner, graph: { ...graph, nodes, initializers } };
}

/** Sets one of the branch's weights to what changes nothing. */
function idle(name: string, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  values.fill(0);
  if (name === names.kept) values[0] = 1;
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
  if (!base.has(names.slopes)) return learner;
  const model = normalizeModel(decodeModel(learner));
  const branched = withConditionBranch(model);
  return branched === model ? learner : encodeModel(branched);
}

/** Weights with another centring in the branch, or (null) without any; null where the learner has no branch of that form. */
export function centreConditions(
  weights: ReadonlyMap<string, Float32Array>,
  centring: ConditionCentring | null,
): Map<string, Float32Array> | null {
  const branch = new Map(
    [...weights].flatMap(([name, values]) => (isBranchWeight(name) ? [[name, values.slice()]] : [])),
  );
  if (branch.size === 0) return null;
  for (const [name, values] of branch) idle(name, values);
  if (centring) {
    const { centre, scale, slopes, offset, length } = centring;
    const written: (readonly [name: string, values: Float64Array])[] = [
      [names.scale, scale],
      [names.shift, centre.map((value, c) => -value * scale[c]!)],
      [names.slopes, slopes],
      [names.offset, offset],
      ...(length
        ? ([
            [names.kept, Float64Array.of(length.kept)],
            [names.evened, Float64Array.of(length.evened)],
          ] as const)
        : []),
    ];
    for (const [name, values] of written) {
      if (branch.get(name)?.length !== values.length) return null;
      branch.get(name)!.set(values);
    }
  }
  return new Map([...weights].map(([name, values]) => [name, branch.get(name) ?? values.slice()]));
}
