import { readFile } from 'node:fs/promises';
import type { Extractor, Learner, RecogniserSpec, Trainer } from '@saface/core';
import {
  createOrtExtractor,
  createOrtLearner,
  createOrtTrainer,
  cutModel,
  decodeModel,
  encodeModel,
  ensureDefaultModels,
  normalizeModel,
} from '@saface/engine';
import { env, folders } from '../env.ts';

/** A recogniser cut in two at its default cut (section 4.2.2): what every scenario shares, and what a scenario makes its own. */
export interface CutRecogniser {
  readonly spec: RecogniserSpec;
  readonly extractor: Extractor;
  /** The base learner as an ONNX file. */
  readonly baseLearner: Uint8Array;
}

export async function openDefaultRecogniser(): Promise<CutRecogniser> {
  const models = await ensureDefaultModels(folders.models);
  const parts = cutModel(normalizeModel(decodeModel(await readFile(models.recogniser.path))), models.spec.defaultCut);
  return {
    spec: models.spec,
    extractor: await createOrtExtractor(encodeModel(parts.extractor), {
      input: models.spec.input,
      threads: env.threads,
    }),
    baseLearner: encodeModel(parts.learner),
  };
}

export function openLearner(onnx: Uint8Array): Promise<Learner> {
  return createOrtLearner(onnx, { threads: env.threads });
}

export function openTrainer(onnx: Uint8Array, spec: RecogniserSpec): Promise<Trainer> {
  return createOrtTrainer({ learner: onnx, threads: env.threads, metric: spec.metric });
}
