import { readFile } from 'node:fs/promises';
import { type Extractor, type Learner, type RecogniserSpec, SafaceError, type Trainer } from '@saface/core';
import {
  createOrtExtractor,
  createOrtLearner,
  createOrtTrainer,
  cutModel,
  decodeModel,
  encodeModel,
  ensureDefaultModels,
  faceApiRecogniser,
  normalizeModel,
} from '@saface/engine';
import { env, folders } from '../env.ts';
import { modelLibrary } from './library.ts';

/** A recogniser cut in two at its default cut (section 4.2.2): what every scenario shares, and what a scenario makes its own. */
export interface CutRecogniser {
  readonly spec: RecogniserSpec;
  readonly extractor: Extractor;
  /** The base learner as an ONNX file. */
  readonly baseLearner: Uint8Array;
}

/**
 * @param name 'default' (face-api's ResNet, built in) or a recogniser of the model library
 * @throws SafaceError 'not-found', 'integrity'
 */
export async function openRecogniser(name = 'default'): Promise<CutRecogniser> {
  const { path, spec } = await findRecogniser(name);
  const parts = cutModel(normalizeModel(decodeModel(await readFile(path))), spec.defaultCut);
  return {
    spec,
    extractor: await createOrtExtractor(encodeModel(parts.extractor), { input: spec.input, threads: env.threads }),
    baseLearner: encodeModel(parts.learner),
  };
}

async function findRecogniser(name: string): Promise<{ path: string; spec: RecogniserSpec }> {
  if (name === 'default' || name === faceApiRecogniser.name) {
    const { recogniser, spec } = await ensureDefaultModels(folders.models);
    return { path: recogniser.path, spec };
  }
  const model = await modelLibrary().get(name);
  if (model.kind === 'recogniser') return model;
  throw new SafaceError('invalid-input', `"${name}" is a detector`, 'Name a recogniser: `saface models list`.');
}

export function openLearner(onnx: Uint8Array): Promise<Learner> {
  return createOrtLearner(onnx, { threads: env.threads });
}

export function openTrainer(onnx: Uint8Array, spec: RecogniserSpec): Promise<Trainer> {
  return createOrtTrainer({ learner: onnx, threads: env.threads, metric: spec.metric });
}
