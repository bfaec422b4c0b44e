import {
  type Extractor,
  type Learner,
  normalised,
  type RecogniserSpec,
  type RgbImage,
  recogniserSpecSchema,
  SafaceError,
} from '@saface/core';
import type { Prisma } from '@saface/db';
import {
  createOrtExtractor,
  createOrtLearner,
  cutModel,
  decodeModel,
  type EnrolmentTools,
  encodeModel,
  landmarkerFor,
  normalizeModel,
  openDetector,
} from '@saface/engine';
import type { Deps } from '../deps.ts';

/** What checks and embeds an enrolment picture under one base model. */
export interface FaceTools extends EnrolmentTools {
  readonly baseModelId: string;
  readonly spec: RecogniserSpec;
  /** The base model's embedding of an aligned crop, as its metric wants it. */
  embed(crop: RgbImage): Promise<Float32Array>;
}

interface Opened {
  readonly detectorId: string;
  readonly tools: Promise<FaceTools>;
}

/** Models are opened once and kept, until a base model is given another detector. */
export function createFaceToolbox(deps: Deps, threads: number): (baseModelId: string) => Promise<FaceTools> {
  const open = new Map<string, Opened>();
  return async (baseModelId) => {
    const model = await deps.prisma.baseModel.findUnique({ where: { id: baseModelId }, include: { detector: true } });
    if (!model) throw new SafaceError('not-found', 'There is no such base model', 'Import one first.');
    const known = open.get(baseModelId);
    if (known?.detectorId === model.detectorId) return known.tools;
    const opening: Opened = { detectorId: model.detectorId, tools: openTools(deps, model, threads) };
    open.set(baseModelId, opening);
    opening.tools.catch(() => open.get(baseModelId) === opening && open.delete(baseModelId));
    return opening.tools;
  };
}

type Model = Prisma.BaseModelGetPayload<{ include: { detector: true } }>;

async function openTools({ artifacts }: Deps, model: Model, threads: number): Promise<FaceTools> {
  const spec = recogniserSpecSchema.parse(model.recogniser);
  const [detectorFile, landmarksFile, recogniserFile] = await Promise.all(
    [model.detector.sha256, model.landmarksSha256, model.recogniserSha256].map((sha256) => artifacts.read(sha256)),
  );
  const session = { threads };
  const parts = cutModel(normalizeModel(decodeModel(recogniserFile)), spec.defaultCut);
  const extractor: Extractor = await createOrtExtractor(encodeModel(parts.extractor), { input: spec.input, threads });
  const learner: Learner = await createOrtLearner(encodeModel(parts.learner), { threads });
  return {
    baseModelId: model.id,
    spec,
    alignment: spec.alignment,
    detector: await openDetector(detectorFile, { session }),
    landmarker: await landmarkerFor(landmarksFile, spec.alignment, session),
    embed: async (crop) => {
      const embedding = await learner.embed(await extractor.extract([crop]));
      return spec.metric === 'cosine' ? normalised(embedding) : embedding;
    },
  };
}
