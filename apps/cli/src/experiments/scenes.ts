import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { demoLength, ensureScenarioVideo, type ScenarioName, scenarioNames } from '@saface/simulator';
import { env, folders } from '../env.ts';
import { progressBar } from '../output.ts';

export const sceneNames = [...scenarioNames, 'portal'] as const;
export type SceneName = (typeof sceneNames)[number];

/** A labelled video. Labels serve measuring alone; nothing that learns is handed their path. */
export interface Scene {
  readonly name: SceneName;
  readonly video: string;
  readonly truth: string;
  /** Tells two videos of one scene apart: file name and size. */
  readonly fingerprint: string;
}

/** Seed 1 is the demo's world. Settings were chosen in worlds from `TUNING_WORLD` on, which no table reports. */
const FIRST_WORLD = 7;
export const TUNING_WORLD = 41;

export function worldOf(seed: number): number {
  return FIRST_WORLD + seed - 1;
}

/**
 * The video of a scene: simulated ones are rendered on first use, a world for each seed; of the real one there is one video.
 * @throws SafaceError `not-found` where the real video is absent.
 */
export async function openScene(name: SceneName, world: number): Promise<Scene> {
  if (name === 'portal') return openPortal();
  return renderedScene(name, world);
}

async function renderedScene(name: ScenarioName, world: number): Promise<Scene> {
  const bar = progressBar(`simulated ${name}, world ${world}`);
  const { video, truth } = await ensureScenarioVideo(
    folders.worlds,
    { scenario: name, seed: world, ...demoLength },
    { workers: env.threads, onProgress: ({ done, total }) => bar(done / total) },
  );
  return describe(name, { video, truth });
}

export function portalFolder(): string {
  return join(env.dataDir, 'portal');
}

async function openPortal(): Promise<Scene> {
  const files = { video: join(portalFolder(), 'portal-train.mp4'), truth: join(portalFolder(), 'portal-train.csv') };
  try {
    return await describe('portal', files);
  } catch (cause) {
    throw new SafaceError(
      'not-found',
      `The real surveillance video is not at ${files.video}`,
      'Set SAFACE_DATA_DIR to the folder that holds portal/, or leave it out with --scenarios corridor,entrance.',
      { cause },
    );
  }
}

export async function hasPortal(): Promise<boolean> {
  return stat(join(portalFolder(), 'portal-train.mp4')).then(
    () => true,
    () => false,
  );
}

async function describe(name: SceneName, { video, truth }: { video: string; truth: string }): Promise<Scene> {
  const { size } = await stat(video);
  return { name, video, truth, fingerprint: `${video.split('/').at(-1)}-${size}` };
}
