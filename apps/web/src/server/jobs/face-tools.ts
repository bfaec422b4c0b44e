import {
  type Extractor,
  type Learner,
  normalised,
  type RecogniserSpec,
  type RgbImage,
  recogniserSpecSchema,
  SafaceError,
} from '@saface/core';
import {
  createOrtExtractor,
  createOrtLearner,
  cutModel,
  decodeModel,
  type EnrolmentTools,
  encodeModel,
  landmarkerFor,
  normalizeModel,
  SsdDetector,
} from '@saface/engine';
import type { Deps } from '../deps.ts';

/** What checks and embeds an enrolment picture under one base model. */
export interface FaceTools extends EnrolmentTools {
  readonly baseModelId: string;
  readonly spec: RecogniserSpec;
  /** The base model's embedding of an aligned crop, as its metric wants it. */
  embed(crop: RgbImage): Promise<Float32Array>;
}

/** Models are opened once and kept. */
export function createFaceToolbox(deps: Deps, threads: number): (baseModelId: string) => Promise<FaceTools> {
  const open = new Map<string, Promise<FaceTools>>();
  return (baseModelId) => {
    const known = open.get(baseModelId);
    if (known) return known;
    const opening = openTools(deps, baseModelId, threads);
    open.set(baseModelId, opening);
    opening.catch(() => open.delete(baseModelId));
    return opening;
  };
}

async function openTools({ prisma, artifacts }: Deps, baseModelId: string, threads: number): Promise<FaceTools> {
  const model = await prisma.baseModel.findUnique({ where: { id: baseModelId } });
  if (!model) throw new SafaceError('not-found', 'There is no such base model', 'Import one first.');
  const spec = recogniserSpecSchema.parse(model.recogniser);
  const [detectorFile, landmarksFile, recogniserFile] = await Promise.all(
    [model.detectorSha256, model.landmarksSha256, model.recogniserSha256].map((sha256) => artifacts.read(sha256)),
  );
  const session = { threads };
  const parts = cutModel(normalizeModel(decodeModel(recogniserFile)), spec.defaultCut);
  const extractor: Extractor = await createOrtExtractor(encodeModel(parts.extractor), { input: spec.input, threads });
  const learner: Learner = await createOrtLearner(encodeModel(parts.learner), { threads });
  return {
    baseModelId,
    spec,
    alignment: spec.alignment,
    detector: await SsdDetector.create(detectorFile, { session }),
    landmarker: await landmarkerFor(landmarksFile, spec.alignment, session),
    embed: async (crop) => {
      const embedding = await learner.embed(await extractor.extract([crop]));
      return spec.metric === 'cosine' ? normalised(embedding) : embedding;
    },
  };
}
