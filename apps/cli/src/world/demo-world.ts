import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkEnrolmentPicture, encodePng, ensureDefaultModels, Landmarker68, SsdDetector } from '@saface/engine';
import {
  demoLength,
  type EnrolledFolder,
  ensureScenarioVideo,
  type ScenarioName,
  type ScenarioVideo,
  scenarioNames,
  writeEnrolmentFolder,
} from '@saface/simulator';
import { env, folders } from '../env.ts';
import { progress, progressBar } from '../output.ts';

/** One seed makes the whole world: people, walks, light, pictures. */
export const WORLD_SEED = 7;
/** The paper's split by time: cameras play five sixths, the rest is for evaluation alone. */
export const LEARNING_SHARE = 5 / 6;
const PICTURES_PER_PERSON = 4;

export interface DemoWorld {
  readonly videos: Readonly<Record<ScenarioName, ScenarioVideo>>;
  readonly enrolment: EnrolledFolder;
}

/** Renders both scenarios' videos and the enrolment pictures, once; later calls find them in the cache. */
export async function ensureDemoWorld(): Promise<DemoWorld> {
  const videos = {} as Record<ScenarioName, ScenarioVideo>;
  for (const scenario of scenarioNames) {
    const bar = progressBar(`simulated ${scenario}`);
    videos[scenario] = await ensureScenarioVideo(
      folders.worlds,
      { scenario, seed: WORLD_SEED, seconds: env.demoSeconds, fps: demoLength.fps },
      { workers: env.threads, onProgress: ({ done, total }) => bar(done / total) },
    );
  }
  progress('  simulated enrolment pictures');
  const pictures = { seed: WORLD_SEED, pictures: PICTURES_PER_PERSON };
  const workers = env.threads;
  const enrolment = await writeEnrolmentFolder(join(folders.worlds, `people-${WORLD_SEED}`), pictures, { workers });
  // To try enrolment with: they walk through the scenes as well.
  await writeEnrolmentFolder(join(folders.worlds, 'strangers'), { ...pictures, who: 'strangers' }, { workers });
  return { videos, enrolment };
}

/** A picture for the gallery with its aligned crop, as an upload would have produced it. */
export interface EnrolledPicture {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly cropPng: Uint8Array;
  readonly quality: number;
}

/** Runs the pictures through the same quality check as an upload; the ones that fail are left out. */
export async function checkPictures({
  people,
}: EnrolledFolder): Promise<{ name: string; pictures: EnrolledPicture[] }[]> {
  const models = await ensureDefaultModels(folders.models);
  const session = { threads: env.threads };
  const detector = await SsdDetector.create(models.detector.path, { session });
  const landmarker = await Landmarker68.create(models.landmarks.path, session);
  const tools = { detector, landmarker, alignment: models.spec.alignment };
  try {
    const checked: { name: string; pictures: EnrolledPicture[] }[] = [];
    for (const { name, pictures } of people) {
      const accepted: EnrolledPicture[] = [];
      for (const path of pictures) {
        const bytes = await readFile(path);
        const check = await checkEnrolmentPicture(bytes, path, tools);
        if (!check.ok) continue;
        accepted.push({
          fileName: path.split('/').at(-1) ?? path,
          bytes,
          cropPng: await encodePng(check.crop),
          quality: check.quality,
        });
      }
      checked.push({ name, pictures: accepted });
    }
    return checked;
  } finally {
    await detector.dispose();
    await landmarker.dispose();
  }
}
