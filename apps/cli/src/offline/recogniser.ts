import { readFile } from 'node:fs/promises';
import { type Extractor, type Learner, type RecogniserSpec, SafaceError, type Trainer } from '@saface/core';
import {
  cutModel,
  decodeModel,
  type Engine,
  encodeModel,
  ensureDefaultModels,
  faceApiRecogniser,
  normalizeModel,
  openEngine,
} from '@saface/engine';
import { env, folders } from '../env.ts';
import { progress } from '../output.ts';
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
    extractor: await (await engine()).openExtractor(encodeModel(parts.extractor), {
      input: spec.input,
      threads: env.threads,
    }),
    baseLearner: encodeModel(parts.learner),
  };
}

/** Path and description of a recogniser. Throws like `openRecogniser`. */
export async function findRecogniser(name: string): Promise<{ path: string; spec: RecogniserSpec }> {
  if (name === 'default' || name === faceApiRecogniser.name) {
    const { recogniser, spec } = await ensureDefaultModels(folders.models);
    return { path: recogniser.path, spec };
  }
  const model = await modelLibrary().get(name);
  if (model.kind === 'recogniser') return model;
  throw new SafaceError('invalid-input', `"${name}" is a detector`, 'Name a recogniser: `saface models list`.');
}

export async function openLearner(onnx: Uint8Array): Promise<Learner> {
  return (await engine()).openLearner(onnx, { threads: env.threads });
}

export async function openTrainer(onnx: Uint8Array, spec: RecogniserSpec): Promise<Trainer> {
  return (await engine()).openTrainer({ learner: onnx, threads: env.threads, metric: spec.metric });
}

let chosen: Promise<Engine> | undefined;

/** The engine of SAFACE_ENGINE and SAFACE_PROVIDER, opened once; what 'auto' passed over is said on stderr. */
export function engine(): Promise<Engine> {
  chosen ??= openEngine(env.engine).then((opened) => {
    const { label, why } = opened.describe();
    if (env.engine.provider === 'auto') progress(`engine: ${label}${why ? ` (${why})` : ''}`);
    return opened;
  });
  return chosen;
}
