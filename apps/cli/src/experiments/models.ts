import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type RecogniserSpec, SafaceError } from '@saface/core';
import {
  countFlops,
  cutModel,
  decodeModel,
  encodeModel,
  ensureDefaultModels,
  GraphBuilder,
  legalCuts,
  normalizeModel,
  type OnnxModel,
} from '@saface/engine';
import { folders } from '../env.ts';
import { modelLibrary } from '../offline/library.ts';
import { recordingCut } from '../offline/recogniser.ts';
import { ensureSphere20 } from '../pretraining/ensure-sphere-20.ts';
import { reportPeople, reportPretraining } from '../pretraining/report.ts';

export const modelNames = ['resnet', 'mobilefacenet', 'sphere20'] as const;
export type ModelName = (typeof modelNames)[number];

/** A recogniser cut in two, as the experiments need it. */
export interface ExperimentModel {
  readonly name: ModelName;
  /** Names the features that its extractor makes: model, alignment and cut. */
  readonly key: string;
  readonly spec: RecogniserSpec;
  readonly cut: string;
  /** Convolutions on the frozen side, and floating-point operations of a sample on either side. */
  readonly frozenConvolutions: number;
  readonly flops: { readonly extractor: number; readonly learner: number };
  readonly featureShape: readonly number[];
  readonly extractor: Uint8Array;
  readonly learner: Uint8Array;
}

interface RecogniserFile {
  readonly spec: RecogniserSpec;
  readonly model: OnnxModel;
}

/** How many convolutions to freeze at most, or where a recording is cut; default: the recogniser's own cut. */
export type CutWish = number | 'recording';

export async function openModel(name: ModelName, cut?: CutWish): Promise<ExperimentModel> {
  const { spec, model } = await recogniserFile(name);
  const tensor = cut === 'recording' ? recordingCut(model, spec) : (cut ?? spec.defaultCut);
  const parts = cut === 0 ? uncut(model, spec) : cutAt(model, tensor);
  const extractor = encodeModel(parts.extractor);
  const key = createHash('sha256').update(extractor).update(JSON.stringify(spec.alignment)).digest('hex');
  return {
    name,
    key,
    spec,
    cut: parts.cut,
    frozenConvolutions: convolutions(parts.extractor),
    flops: { extractor: countFlops(parts.extractor), learner: countFlops(parts.learner) },
    featureShape: parts.shape,
    extractor,
    learner: encodeModel(parts.learner),
  };
}

const recogniserFiles: Readonly<Record<ModelName, () => Promise<RecogniserFile>>> = {
  resnet: async () => {
    const models = await ensureDefaultModels(folders.models);
    return { spec: models.spec, model: await readModel(models.recogniser.path) };
  },
  mobilefacenet: async () => {
    const { spec, path } = await fromLibrary('foamliu-mobilefacenet');
    return { spec, model: await readModel(path) };
  },
  sphere20: async () => {
    const model = await ensureSphere20(undefined, { onProgress: reportPretraining, onPerson: reportPeople });
    if (model.kind !== 'recogniser')
      throw new SafaceError('internal', `"${model.name}" is no recogniser`, 'Remove it.');
    return { spec: model.spec, model: await readModel(model.path) };
  },
};

async function fromLibrary(name: string): Promise<{ spec: RecogniserSpec; path: string }> {
  const model = await modelLibrary().get(name);
  if (model.kind === 'recogniser') return model;
  throw new SafaceError('invalid-input', `"${name}" is a detector`, 'Remove it from the library and pull it again.');
}

async function readModel(path: string): Promise<OnnxModel> {
  return normalizeModel(decodeModel(await readFile(path)));
}

const opened = new Map<ModelName, Promise<RecogniserFile>>();

function recogniserFile(name: ModelName): Promise<RecogniserFile> {
  const found = opened.get(name) ?? recogniserFiles[name]();
  opened.set(name, found);
  return found;
}

interface Parts {
  readonly cut: string;
  readonly shape: readonly number[];
  readonly extractor: OnnxModel;
  readonly learner: OnnxModel;
}

function cutAt(model: OnnxModel, at: string | number): Parts {
  const tensor = typeof at === 'string' ? at : deepestCut(model, at);
  const { cut, extractor, learner } = cutModel(model, tensor);
  return { cut: tensor, shape: cut.shape, extractor, learner };
}

/** The last place to cut that leaves at most `frozen` convolutions in front of it. */
function deepestCut(model: OnnxModel, frozen: number): string {
  const position = new Map(model.graph.nodes.map((node, i) => [node.outputs[0], i]));
  const fitting = legalCuts(model).filter(
    ({ tensor }) =>
      model.graph.nodes.slice(0, (position.get(tensor) ?? 0) + 1).filter((n) => n.type === 'Conv').length <= frozen,
  );
  const cut = fitting.at(-1);
  if (cut) return cut.tensor;
  throw new SafaceError(
    'invalid-input',
    `The model has no cut with at most ${frozen} convolutions in front`,
    'Freeze more layers.',
  );
}

function convolutions({ graph }: OnnxModel): number {
  return graph.nodes.filter((node) => node.type === 'Conv').length;
}

/** Nothing frozen: the extractor hands the normalised pixels on, the learner is the whole network. */
function uncut(model: OnnxModel, spec: RecogniserSpec): Parts {
  const side = spec.input.size;
  const g = new GraphBuilder();
  const pixels = g.op('Identity', [g.input('input', ['N', 3, side, side])], {}, 'pixels');
  g.output(pixels, ['N', 3, side, side]);
  return { cut: 'input', shape: [3, side, side], extractor: g.build(), learner: model };
}
