import { readFile } from 'node:fs/promises';
import { type FaceDetector, type FaceLandmarker, type RecogniserSpec, SafaceError } from '@saface/core';
import { type DetectorOptions, SsdDetector } from '../faces/detector.ts';
import { detectorFamily } from '../faces/detector-family.ts';
import type { DetectorFamily } from '../faces/detector-spec.ts';
import { GridDetector } from '../faces/grid-detector.ts';
import { Landmarker68 } from '../faces/landmarker.ts';
import { scrfd } from '../faces/scrfd.ts';
import { yunet } from '../faces/yunet.ts';
import { decodeModel } from '../onnx/index.ts';
import type { SessionOptions } from '../runtime/index.ts';
import { faceApiRecogniser } from './face-api/recogniser.ts';

export interface Closable {
  dispose(): Promise<void>;
}

/** Detectors by family, which `detectorFamily` reads from the file. The one table to extend for another detector. */
const detectors: Readonly<
  Record<DetectorFamily, (model: Uint8Array, options: DetectorOptions) => Promise<FaceDetector & Closable>>
> = {
  'face-api-ssd': SsdDetector.create,
  yunet: (model, options) => GridDetector.create(decodeModel(model), yunet, options),
  scrfd: (model, options) => GridDetector.create(decodeModel(model), scrfd, options),
};

const landmarkers: Readonly<
  Record<string, (model: Uint8Array, session: SessionOptions) => Promise<FaceLandmarker & Closable>>
> = {
  'face-api-68': Landmarker68.create,
};

const recognisers: Readonly<Record<string, RecogniserSpec>> = { [faceApiRecogniser.name]: faceApiRecogniser };

/**
 * Opens a detector file, whichever detector it is; foreign files are known by their inputs and outputs.
 * @throws SafaceError 'unsupported' when it names no detector that this build knows
 */
export async function openDetector(model: Uint8Array | string, options: DetectorOptions = {}) {
  const bytes = await contents(model);
  return detectors[detectorFamily(decodeModel(bytes))](bytes, options);
}

/** Opens a landmark file, whichever landmark net it is. Throws like `openDetector`. */
export async function openLandmarker(model: Uint8Array | string, session: SessionOptions = {}) {
  const bytes = await contents(model);
  return known(landmarkers, kindOf(bytes), 'landmark net')(bytes, session);
}

/** How the recogniser of that name wants its faces. Throws like `openDetector`. */
export function recogniserSpec(name: string): RecogniserSpec {
  return known(recognisers, name, 'recogniser');
}

async function contents(model: Uint8Array | string): Promise<Uint8Array> {
  if (typeof model !== 'string') return model;
  try {
    return await readFile(model);
  } catch (cause) {
    throw new SafaceError(
      'not-found',
      `The model file ${model} cannot be read`,
      'Check the path and its permissions.',
      {
        cause,
      },
    );
  }
}

function kindOf(bytes: Uint8Array): string {
  return decodeModel(bytes).metadata['saface.kind'] ?? 'unnamed';
}

function known<T>(table: Readonly<Record<string, T>>, kind: string, what: string): T {
  if (Object.hasOwn(table, kind)) return table[kind]!;
  throw new SafaceError(
    'unsupported',
    `This build knows no ${what} of the kind "${kind}"`,
    `Use one of: ${Object.keys(table).join(', ')}.`,
  );
}
