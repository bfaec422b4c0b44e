import {
  type AlteredCopies,
  type Extractor,
  type FrameSource,
  type ProbeMeta,
  type RecogniserSpec,
  type RgbImage,
  SafaceError,
  usesLandmarks,
} from '@saface/core';
import { FacePipeline } from '@saface/engine';
import { folders } from '../env.ts';
import { CopiedFaces } from './copied-faces.ts';
import { type FaceFinder, openFinder } from './face-finder.ts';
import { FeatureFile } from './feature-file.ts';
import type { SeenFace } from './score-detection.ts';

/** A probe of the video; its features are the row of the same position in `Observation.features`. */
export interface ObservedProbe extends SeenFace, Omit<ProbeMeta, 'box' | 'trackId'> {
  /** Media clock, ms. */
  readonly time: number;
}

/** Everything recognition and learning need to know of a video. */
export interface Observation {
  readonly frames: number;
  readonly probes: readonly ObservedProbe[];
  readonly features: FeatureFile;
  /** Of some probes of each track, where it was asked for. */
  readonly copies: AlteredCopies | null;
  /** The sharpest crop of each track, to show who it is. */
  readonly bestCrops: ReadonlyMap<number, RgbImage>;
  /** What was wrong with the video: cut off, fallen silent, no face in it. What was seen still counts. */
  readonly problem: SafaceError | null;
  /** Lets the features go; for whoever watched. */
  dispose(): Promise<void>;
}

export interface ObserveOptions {
  readonly spec: RecogniserSpec;
  readonly extractor: Extractor;
  /** As `openFinder` takes it; default: the detector that is built in. */
  readonly detector?: string;
  readonly signal: AbortSignal;
  /** Altered copies of faces are kept too. Default false. */
  readonly toLearn?: boolean;
  /** A folder on whose disk the features lie meanwhile; default: `folders.scratch`. */
  readonly keptIn?: string;
  readonly onFrame?: (frames: number) => void;
}

/** Crops per extractor call: large enough to use every core, small enough to stay in cache. */
const BATCH = 16;

/** Sections 4.1 and 2: detects, aligns and tracks the faces of a video and keeps the extractor's features of each probe. */
export async function observe(source: FrameSource, options: ObserveOptions): Promise<Observation> {
  const { spec, detector } = options;
  const finder = await openFinder(spec.alignment, { detector, of: 'video' });
  try {
    return await observeWith(finder, source, options);
  } finally {
    await finder.dispose();
  }
}

async function observeWith(
  finder: FaceFinder,
  source: FrameSource,
  { spec, extractor, signal, toLearn = false, keptIn = folders.scratch, onFrame }: ObserveOptions,
): Promise<Observation> {
  const pipeline = new FacePipeline({ ...finder, alignment: spec.alignment });
  const probes: ObservedProbe[] = [];
  const { features, copied, dispose } = await openFiles(extractor, { keptIn, toLearn });
  const bestCrops = new Map<number, RgbImage>();
  const bestQuality = new Map<number, number>();
  let waiting: RgbImage[] = [];
  let frames = 0;
  let problem: SafaceError | null = null;
  const extractWaiting = async () => {
    if (waiting.length > 0) await features.add(await extractor.extract(waiting));
    waiting = [];
  };
  const watch = async () => {
    for await (const frame of source.frames(signal)) {
      const { probes: found } = await pipeline.process(frame);
      for (const { crop, trackId, box, landmarks, score, quality } of found) {
        const probe = { frame: frame.index, time: frame.time, trackId, box, landmarks, score, quality };
        await copied?.add(crop, { ...probe, row: probes.length });
        probes.push(probe);
        waiting.push(crop);
        if (quality > (bestQuality.get(trackId) ?? -1)) {
          bestQuality.set(trackId, quality);
          bestCrops.set(trackId, crop);
        }
      }
      if (waiting.length >= BATCH) await extractWaiting();
      frames += 1;
      onFrame?.(frames);
    }
  };
  try {
    await watch().catch((error: unknown) => {
      // A full disk is not the video's fault, and nothing of it would be left to go on with.
      if (!(error instanceof SafaceError) || error.code === 'exhausted' || frames === 0) throw error;
      problem = error;
    });
    await extractWaiting();
  } catch (error) {
    await dispose();
    throw error;
  }
  if (probes.length === 0 && problem === null && !signal.aborted) {
    problem = nothingFound(spec, { frames, source: source.name });
  }
  return { frames, probes, features, copies: copied?.copies ?? null, bestCrops, problem, dispose };
}

interface KeptFiles {
  readonly features: FeatureFile;
  readonly copied: CopiedFaces | null;
  dispose(): Promise<void>;
}

/** @throws SafaceError `exhausted` */
async function openFiles(
  extractor: Extractor,
  { keptIn, toLearn }: { readonly keptIn: string; readonly toLearn: boolean },
): Promise<KeptFiles> {
  const features = await FeatureFile.create(
    keptIn,
    extractor.featureShape.reduce((a, b) => a * b, 1),
  );
  try {
    const copied = toLearn ? await CopiedFaces.create(keptIn, extractor) : null;
    const dispose = async () => {
      await Promise.all([features.dispose(), copied?.dispose()]);
    };
    return { features, copied, dispose };
  } catch (error) {
    await features.dispose();
    throw error;
  }
}

function nothingFound(
  { alignment }: RecogniserSpec,
  { frames, source }: { frames: number; source: string },
): SafaceError {
  return usesLandmarks(alignment)
    ? new SafaceError(
        'invalid-input',
        `No face was found in the ${frames} frames of "${source}"`,
        'Use a video in which faces are lit, turned towards the camera and at least 20 pixels wide.',
      )
    : new SafaceError(
        'invalid-input',
        `Nobody was found in the ${frames} frames of "${source}"`,
        'Use a video of a camera that stands still, in which people walk and are at least 40 pixels high.',
      );
}
