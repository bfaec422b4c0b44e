import { type FaceDetector, iou, SafaceError } from '@saface/core';
import type { DefaultModels } from '../build-default-models.ts';
import { type Closable, openDetector } from '../registry.ts';
import { samplePictures } from './probe-faces.ts';

export interface DetectorProbe {
  /** True when it finds the five landmarks itself. */
  readonly landmarks: boolean;
  /** Faces on the sample pictures that the built-in detector is sure of, how many of them it finds, and how many others. */
  readonly samples: { readonly known: number; readonly found: number; readonly more: number };
}

/** Detectors frame a face more or less tightly: this much overlap is the same face. */
const SAME_FACE = 0.3;

/**
 * Tries a detector on the pictures that face-api's package carries, beside the built-in one.
 * @throws SafaceError 'unsupported' when it finds none of their faces
 */
export async function probeDetector(onnx: Uint8Array, models: DefaultModels, threads?: number): Promise<DetectorProbe> {
  const session = { threads };
  const detector: FaceDetector & Closable = await openDetector(onnx, { session });
  const reference = await openDetector(models.detector.path, { session, scoreThreshold: 0.6 });
  let [known, found, more, landmarks] = [0, 0, 0, true];
  try {
    for (const image of await samplePictures()) {
      const sure = await reference.detect(image);
      const faces = await detector.detect(image);
      const hits = sure.filter(({ box }) => faces.some((face) => iou(face.box, box) >= SAME_FACE));
      known += sure.length;
      found += hits.length;
      more += Math.max(0, faces.length - hits.length);
      landmarks &&= faces.every((face) => face.landmarks !== undefined);
    }
  } finally {
    await detector.dispose();
    await reference.dispose();
  }
  if (found === 0)
    throw new SafaceError(
      'unsupported',
      `The detector finds none of the ${known} faces on the sample pictures`,
      'Export it with its trained weights, and with the pre-processing of its family.',
    );
  return { landmarks, samples: { known, found, more } };
}
