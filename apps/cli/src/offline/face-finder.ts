import { type AlignmentSpec, type FaceDetector, type FaceLandmarker, usesLandmarks } from '@saface/core';
import {
  ensureDefaultModels,
  Landmarker68,
  MotionDetector,
  noLandmarks,
  openDetector,
  wholePicture,
} from '@saface/engine';
import { env, folders } from '../env.ts';
import { modelLibrary } from './library.ts';

/** What finds faces and their landmarks: the same for videos, galleries and pairs. */
export interface FaceFinder {
  readonly detector: FaceDetector;
  readonly landmarker: FaceLandmarker;
  dispose(): Promise<void>;
}

/**
 * @param name 'default' (face-api's SSD), a detector of the model library, or the path of an .onnx file
 * @throws SafaceError 'not-found', 'unsupported' when the file is no detector
 */
export async function openFaceFinder(name = 'default'): Promise<FaceFinder> {
  const models = await ensureDefaultModels(folders.models);
  const session = { threads: env.threads };
  const detector = await openDetector(await detectorPath(name, models.detector.path), { session });
  const landmarker = await Landmarker68.create(models.landmarks.path, session);
  return {
    detector,
    landmarker,
    dispose: async () => {
      await detector.dispose();
      await landmarker.dispose();
    },
  };
}

/**
 * What finds the subjects of a recogniser. One of whole people (its alignment takes boxes) has no detector network: before a
 * fixed camera its people are what moves, and a still of its gallery shows one person and nothing else.
 */
export async function openFinder(
  alignment: AlignmentSpec,
  { detector = 'default', of }: { readonly detector?: string; readonly of: 'video' | 'stills' },
): Promise<FaceFinder> {
  if (usesLandmarks(alignment)) return openFaceFinder(detector);
  const found =
    detector === 'default'
      ? of === 'video'
        ? new MotionDetector()
        : wholePicture
      : await openDetector(await detectorPath(detector, detector), { session: { threads: env.threads } });
  return { detector: found, landmarker: noLandmarks, dispose: () => found.dispose() };
}

async function detectorPath(name: string, byDefault: string): Promise<string> {
  if (name === 'default') return byDefault;
  if (name.endsWith('.onnx')) return name;
  return (await modelLibrary().get(name)).path;
}
