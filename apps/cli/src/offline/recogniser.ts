import { readFile } from 'node:fs/promises';
import { type Extractor, type Learner, type RecogniserSpec, SafaceError, type Trainer } from '@saface/core';
import {
  chooseCut,
  cutModel,
  decodeModel,
  describeCuts,
  type Engine,
  encodeModel,
  ensureDefaultModels,
  faceApiRecogniser,
  noCut,
  normalizeModel,
  type OnnxModel,
  openEngine,
  whyNotTrained,
} from '@saface/engine';
import { env, folders } from '../env.ts';
import { progress } from '../output.ts';
import { modelLibrary } from './library.ts';

/** A recogniser cut in two (section 4.2.2): what every scenario shares, and what a scenario makes its own. */
export interface CutRecogniser {
  readonly spec: RecogniserSpec;
  readonly cut: string;
  readonly extractor: Extractor;
  /** The base learner as an ONNX file. */
  readonly baseLearner: Uint8Array;
}

export interface OpenRecogniserOptions {
  /** Cut where a recording is learnt from, see `recordingCut`, and refused when nothing can learn there. Default false. */
  readonly forRecording?: boolean;
  /** The tensor to cut at; default: see above, else the recogniser's own cut. */
  readonly cut?: string;
}

/**
 * @param name 'default' (face-api's ResNet, built in) or a recogniser of the model library
 * @throws SafaceError 'not-found', 'integrity', 'invalid-input' when it cannot be cut or cannot learn there
 */
export async function openRecogniser(
  name = 'default',
  { forRecording = false, cut: wanted }: OpenRecogniserOptions = {},
): Promise<CutRecogniser> {
  const { path, spec } = await findRecogniser(name);
  const model = normalizeModel(decodeModel(await readFile(path)));
  const cut = wanted ?? (forRecording ? recordingCut(model, spec) : spec.defaultCut);
  const parts = cutModel(model, cut);
  if (forRecording) refuseUnlearnable(model, { name, cut, metric: spec.metric });
  return {
    spec,
    cut,
    extractor: await (await engine()).openExtractor(encodeModel(parts.extractor), {
      input: spec.input,
      threads: env.threads,
    }),
    baseLearner: encodeModel(parts.learner),
  };
}

/** Before a video is watched for hours, not after. */
function refuseUnlearnable(
  model: OnnxModel,
  { name, cut, metric }: { name: string; cut: string; metric: RecogniserSpec['metric'] },
): void {
  const obstacle = cut === noCut(model) ? 'it was imported without a cut' : whyNotTrained(model, cut, metric);
  if (obstacle === null) return;
  const remedy = `Name another cut with --cut (\`saface models cuts ${name}\` lists them), or run without --learn.`;
  throw new SafaceError('invalid-input', `Nothing of "${name}" can learn: ${obstacle}`, remedy);
}

/** Of the work; an edge's learner, which trains beside recognition, has about 40 %. */
const forRecordings = { share: 2 / 3, step: 0.01 };

/**
 * Where a recogniser is cut to learn from a recording: nobody waits for an answer meanwhile, and on real video more layers that learn are
 * worth more (docs/decisions/026). A recogniser that was taken in without a cut stays as it is.
 */
export function recordingCut(model: OnnxModel, { defaultCut, metric }: RecogniserSpec): string {
  if (defaultCut === noCut(model)) return defaultCut;
  const { tensor, obstacle } = chooseCut(model, describeCuts(model), metric, forRecordings);
  return obstacle === null ? tensor : defaultCut;
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
