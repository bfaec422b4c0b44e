import { type RecogniserSpec, SafaceError } from '@saface/core';
import { countFlops, noCut } from '../../onnx/cut.ts';
import { encodeModel, type OnnxModel } from '../../onnx/model.ts';
import { formatShape } from '../../onnx/shape.ts';
import { chooseCut, describeCuts, type ImportedCut, whyNotTrained } from './choose-cut.ts';
import { checkInput, type TemplateName, type Triple, templatePoints } from './input-options.ts';
import { openForeignModel } from './open-foreign-model.ts';
import type { ProbeFace } from './probe-faces.ts';
import { type ProbeReport, probeInput } from './probe-input.ts';
import { refuseClassifier } from './refuse-classifier.ts';

export interface RecogniserImport {
  /** Name of the spec: what versions and messages call the model. */
  readonly name: string;
  /** (value - mean) * scale for 0..255 values, in the model's channel order; probed when both are absent. */
  readonly mean?: Triple;
  readonly scale?: Triple;
  readonly channels?: 'rgb' | 'bgr';
  readonly template?: TemplateName;
  /** Default 'cosine': ArcFace models and their kin are trained for it. */
  readonly metric?: 'euclidean' | 'cosine';
  /** A tensor to cut at, or 'none' for a model that is used without learning; default: the learner gets about 40 % of the work. */
  readonly cut?: string;
  /** Distance below which two faces are one person; default: one in a hundred impostor pairs of the probe faces is nearer. */
  readonly threshold?: number;
  /** Side of the crops where the file leaves it open; default 112. */
  readonly size?: number;
  /** Faces to try the model on, as `packagedFaces` gives them. */
  readonly faces: () => Promise<readonly ProbeFace[]>;
  /** Contents of the files that hold external weights, by the location that the model names. */
  readonly external?: ReadonlyMap<string, Uint8Array>;
  readonly threads?: number;
}

export interface ImportedRecogniser {
  readonly kind: 'recogniser';
  /** The model in normal form, ready for `cutModel`. */
  readonly onnx: Uint8Array;
  readonly spec: RecogniserSpec;
  /** All legal cuts, from input to output. */
  readonly cuts: readonly ImportedCut[];
  /** Why the model is used without learning; null when it can learn. */
  readonly obstacle: string | null;
  readonly probe: ProbeReport;
  /** What was changed on the way in, for people. */
  readonly notes: readonly string[];
  /** Why it may not be a face recogniser at all; null where the sample faces leave no doubt. */
  readonly doubt: string | null;
}

const DEFAULT_SIZE = 112;
/** Pixels along the side of a crop; recognisers take 96 to 256. */
const MOST_SIZE = 512;

/**
 * Makes a recogniser of any exporter one that SaFace can serve, cut and train.
 * @throws SafaceError 'integrity' for damaged files, 'unsupported' for models that are no recognisers or use what SaFace
 * cannot handle, 'invalid-input' for options that do not fit
 */
export async function importRecogniser(bytes: Uint8Array, options: RecogniserImport): Promise<ImportedRecogniser> {
  const { name, metric = 'cosine', threads } = options;
  checkInput({ mean: options.mean ?? [0, 0, 0], scale: options.scale ?? [1, 1, 1] });
  const { model, notes } = await openForeignModel(bytes, { ...options, size: options.size ?? DEFAULT_SIZE });
  const { size, dimension } = recogniserShape(model);
  const onnx = encodeModel(model);
  const flops = countFlops(model);
  const { input, report } = await probeInput(
    { onnx, size, flops, metric, faces: await options.faces(), threads },
    options,
  );
  const cuts = describeCuts(model);
  const { tensor, obstacle } = settleCut(model, cuts, { cut: options.cut, metric });
  const spec: RecogniserSpec = {
    name,
    input: { size, channels: input.channels, mean: [...input.mean], scale: [...input.scale] },
    alignment: { size, template: templatePoints(input.template, size) },
    dimension,
    metric,
    defaultCut: tensor,
    defaultThreshold: options.threshold ?? report.threshold,
  };
  return { kind: 'recogniser', onnx, spec, cuts, obstacle, probe: report, notes, doubt: doubtOf(report) };
}

/** What the pixels of the sample faces reach themselves, and networks that have learnt nothing at most. */
const PIXELS = 0.6;
const UNTRAINED = 0.8;

/** Somebody may want a network that knows nothing of faces yet, or one for something else. */
function doubtOf({ candidates, faces }: ProbeReport): string | null {
  const { separation } = candidates[0]!;
  if (separation > UNTRAINED) return null;
  return `Tells ${faces} sample faces apart hardly better than their pixels do (separation ${separation.toFixed(2)}, pixels ${PIXELS}): is it a face recogniser with its trained weights?`;
}

/** @throws SafaceError 'unsupported' for what takes no faces or gives no embeddings */
function recogniserShape({ graph }: OnnxModel): { size: number; dimension: number } {
  const [, channels, height, width] = graph.inputs[0]!.shape ?? [];
  const [, dimension, ...more] = graph.outputs[0]!.shape ?? [];
  if (typeof height === 'number' && height > MOST_SIZE) {
    throw new SafaceError(
      'unsupported',
      `The model takes pictures of ${height} pixels`,
      `Choose a recogniser of aligned faces, whose crops have at most ${MOST_SIZE}.`,
    );
  }
  if (channels !== 3 || typeof height !== 'number' || height !== width || height < 16) {
    throw new SafaceError(
      'unsupported',
      `The model takes ${formatShape(graph.inputs[0]!.shape ?? [])}, not square pictures of three channels [N, 3, S, S]`,
      'Choose a face recogniser, such as a 112x112 ArcFace model.',
    );
  }
  if (typeof dimension !== 'number' || more.length > 0 || dimension < 8) {
    throw new SafaceError(
      'unsupported',
      `The model gives ${formatShape(graph.outputs[0]!.shape ?? [])}, not one embedding for each face [N, D]`,
      'Export the recogniser without its classification head.',
    );
  }
  refuseClassifier(graph, dimension);
  return { size: height, dimension };
}

function settleCut(
  model: OnnxModel,
  cuts: readonly ImportedCut[],
  { cut, metric }: { cut: string | undefined; metric: 'euclidean' | 'cosine' },
): { tensor: string; obstacle: string | null } {
  if (cut === undefined) return chooseCut(model, cuts, metric);
  if (cut === 'none') return { tensor: noCut(model), obstacle: 'It was imported without a cut' };
  const obstacle = whyNotTrained(model, cut, metric);
  if (obstacle === null) return { tensor: cut, obstacle: null };
  throw new SafaceError(
    'unsupported',
    `The learner behind "${cut}" cannot be trained: ${obstacle}`,
    'Choose a later cut (`saface models cuts`), or --cut none for recognition without learning.',
  );
}
