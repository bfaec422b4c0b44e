import {
  ensureDefaultModels,
  type ImportedDetector,
  type ImportedRecogniser,
  importModel,
  type LibraryModel,
  packagedFaces,
  probeDetector,
  type RecogniserImport,
} from '@saface/engine';
import { env, folders } from '../env.ts';
import { modelLibrary } from '../offline/library.ts';

/** What is known of a model beside its file. */
export interface Origin {
  readonly name: string;
  readonly licence?: string;
  readonly source?: string;
  readonly figures?: LibraryModel['figures'];
  readonly replace?: boolean;
}

/** Imports a recogniser's file and puts it into the library. */
export async function takeInRecogniser(
  bytes: Uint8Array,
  origin: Origin,
  options: Omit<RecogniserImport, 'name' | 'faces' | 'threads'>,
): Promise<{ model: LibraryModel; imported: ImportedRecogniser }> {
  const faces = async () => packagedFaces(await ensureDefaultModels(folders.models), env.threads);
  const { name } = origin;
  const imported = await importModel(bytes, { ...options, kind: 'recogniser', name, faces, threads: env.threads });
  const { onnx, spec } = imported;
  return { model: await modelLibrary().add({ ...origin, kind: 'recogniser', onnx, spec }), imported };
}

/** Imports a detector's file, tries it on sample pictures, and puts it into the library. */
export async function takeInDetector(
  bytes: Uint8Array,
  origin: Origin,
): Promise<{ model: LibraryModel; imported: ImportedDetector }> {
  const imported = await importModel(bytes, { kind: 'detector', name: origin.name });
  const { onnx, spec } = imported;
  // Whether it finds faces is known before anything is kept.
  await probeDetector(onnx, await ensureDefaultModels(folders.models), env.threads);
  return { model: await modelLibrary().add({ ...origin, kind: 'detector', onnx, spec }), imported };
}
