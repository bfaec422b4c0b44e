import { SafaceError } from '@saface/core';
import { encodeModel, type OnnxModel, type OnnxValue } from '../../onnx/model.ts';
import { normalizeModel, UnhandledNode } from '../../onnx/normalize.ts';
import { batchAxis } from '../../onnx/shape.ts';
import type { OnnxElementType } from '../../onnx/tensor.ts';
import { floatTensor, OrtSession } from '../../runtime/session.ts';

/**
 * A model in normal form, also where operators in it have no rule: what those make is then described as ONNX Runtime finds it. Such a model
 * recognises, and learns behind the last of them.
 * @throws SafaceError 'unsupported' that names the first operator that nothing can be found out about
 */
export async function normalizeForeign(model: OnnxModel): Promise<OnnxModel> {
  let known = model;
  for (const tried = new Set<string>(); ; ) {
    try {
      return normalizeModel(known);
    } catch (error) {
      if (!(error instanceof UnhandledNode) || tried.has(error.type)) throw error;
      tried.add(error.type);
      known = await describe(known, error.type);
    }
  }
}

/** The model with the shapes of what its nodes of a type make, as far as they can be found out by running it. */
async function describe(model: OnnxModel, type: string): Promise<OnnxModel> {
  const names = model.graph.nodes
    .filter((node) => node.type === type)
    .flatMap(({ outputs }) => outputs.filter(Boolean));
  for (const element of ['float32', 'int64', 'bool'] as const) {
    const values = await shapesOf(model, names, element);
    if (!values) continue;
    const others = model.graph.values.filter(({ name }) => !names.includes(name));
    return { ...model, graph: { ...model.graph, values: [...others, ...values] } };
  }
  return model;
}

/** Undefined where ONNX Runtime cannot run the model so: the operator is then refused by its name. */
async function shapesOf(
  model: OnnxModel,
  names: readonly string[],
  type: OnnxElementType,
): Promise<OnnxValue[] | undefined> {
  const input = model.graph.inputs[0]!;
  const [batch, ...rest] = input.shape ?? [];
  if (model.graph.inputs.length !== 1 || !rest.every((dim) => typeof dim === 'number')) return undefined;
  const outputs = names.map((name) => ({ name, type }));
  const session = await OrtSession.create(encodeModel({ ...model, graph: { ...model.graph, outputs } }), {
    threads: 1,
  }).catch(refused);
  if (!session) return undefined;
  try {
    const seen: (readonly number[])[][] = [];
    // Sizes that follow the batch are told from others by two of them.
    const batches = typeof batch === 'number' ? [batch] : [2, 3];
    for (const count of batches) {
      const size = rest.reduce((product, dim) => product * dim, count);
      const picture = Float32Array.from({ length: size }, (_, index) => Math.sin(index));
      const results = await session.run({ [input.name]: floatTensor(picture, [count, ...rest]) }).catch(refused);
      if (!results) return undefined;
      seen.push(names.map((name) => results[name]!.dims));
    }
    return names.map((name, index) => {
      const shape = seen[0]![index]!.map((dim, axis) => {
        const follows = seen.every((dims, run) => dims[index]![axis] === batches[run]);
        return axis === 0 && follows ? batchAxis : dim;
      });
      return { name, type, shape };
    });
  } finally {
    await session.dispose();
  }
}

function refused(error: unknown): undefined {
  if (!(error instanceof SafaceError)) throw error;
}
