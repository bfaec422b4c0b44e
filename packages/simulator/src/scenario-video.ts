import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type RgbImage, SafaceError } from '@saface/core';
import { createVideoWriter } from '@saface/media';
import { z } from 'zod';
import { type RenderOptions, renderScene } from './render-pool.ts';
import { scenarioNames, scenarios } from './scenarios.ts';
import type { SceneSpec } from './stage.ts';
import { formatTruth, type TruthRow } from './truth.ts';
import { simulatorVersion } from './version.ts';

/** The length and rate the demo uses: five sixths to learn from, ten seconds to be judged on. */
export const demoLength = { seconds: 60, fps: 12 } as const;

export const sceneSpecSchema = z.object({
  scenario: z.enum(scenarioNames),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  seconds: z.number().positive().max(3600),
  fps: z.number().positive().max(60),
});

export interface RenderProgress {
  readonly done: number;
  readonly total: number;
}

export interface VideoRenderOptions extends RenderOptions {
  readonly onProgress?: (progress: RenderProgress) => void;
}

export interface ScenarioVideo {
  readonly video: string;
  readonly truth: string;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
}

function checked(spec: SceneSpec): SceneSpec {
  const parsed = sceneSpecSchema.safeParse(spec);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SafaceError(
    'invalid-input',
    `A scene cannot have this ${issue?.path.join('.')}: ${issue?.message}`,
    'Correct the scene.',
  );
}

/**
 * Renders a scene into `out.video` (H.264 MP4) and `out.truth` (CSV: `frame,person,x,y,width,height`, the box in pixels as a
 * face detector would draw it; frame 0 is the first of the video). Both files appear only when both are complete.
 *
 * @throws SafaceError `invalid-input`; the signal's reason when it aborts.
 */
export async function renderScenarioVideo(
  spec: SceneSpec,
  out: { readonly video: string; readonly truth: string },
  options: VideoRenderOptions = {},
): Promise<ScenarioVideo> {
  const scene = checked(spec);
  options.signal?.throwIfAborted();
  const { width, height } = scenarios[scene.scenario].camera;
  const total = Math.max(1, Math.round(scene.seconds * scene.fps));
  await writeSceneVideo(renderScene(scene, options), out, { width, height, fps: scene.fps, total, ...options });
  return { ...out, frames: total, width, height };
}

export interface SceneVideoSettings extends Pick<VideoRenderOptions, 'onProgress'> {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Frames to come. */
  readonly total: number;
}

/** Encodes staged frames and writes who is where beside them. Both files appear only when both are complete. */
export async function writeSceneVideo(
  frames: AsyncIterable<StagedPicture> | Iterable<Promise<StagedPicture>>,
  out: { readonly video: string; readonly truth: string },
  { width, height, fps, total, onProgress }: SceneVideoSettings,
): Promise<void> {
  const rows: TruthRow[] = [];
  await using writer = await createVideoWriter(out.video, { width, height, fps, crf: 21 });
  for await (const { image, truth } of frames) {
    const frame = writer.frames;
    await writer.write(image);
    for (const { person, box } of truth) rows.push({ frame, person, box });
    onProgress?.({ done: frame + 1, total });
  }
  await mkdir(dirname(out.truth), { recursive: true });
  const temporary = `${out.truth}.${randomUUID()}.part`;
  try {
    await writeFile(temporary, formatTruth(rows));
    await writer.close();
    await rename(temporary, out.truth);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A rendered frame and who is visible in it. */
export interface StagedPicture {
  readonly image: RgbImage;
  readonly truth: readonly Pick<TruthRow, 'person' | 'box'>[];
}

/** Where `ensureScenarioVideo` keeps a scene: the name holds the hash of everything that decides the pixels. */
export function scenarioVideoPaths(dir: string, spec: SceneSpec): { readonly video: string; readonly truth: string } {
  const { scenario, seed, seconds, fps } = checked(spec);
  const hash = createHash('sha256')
    .update(JSON.stringify([simulatorVersion, scenario, seed, seconds, fps]))
    .digest('hex')
    .slice(0, 12);
  const name = join(dir, `${scenario}-${seed}-${hash}`);
  return { video: `${name}.mp4`, truth: `${name}.csv` };
}

/** The video of a scene from the cache in `dir`, rendered first if it is not there. Safe to call from several processes. */
export async function ensureScenarioVideo(
  dir: string,
  spec: SceneSpec,
  options: VideoRenderOptions = {},
): Promise<ScenarioVideo> {
  const paths = scenarioVideoPaths(dir, spec);
  const { width, height } = scenarios[spec.scenario].camera;
  const frames = Math.max(1, Math.round(spec.seconds * spec.fps));
  // The truth is renamed last: where it is, the video is whole.
  const whole = await Promise.all([stat(paths.video), readFile(paths.truth)]).then(
    ([video]) => video.size > 0,
    () => false,
  );
  if (!whole) return renderScenarioVideo(spec, paths, options);
  options.onProgress?.({ done: frames, total: frames });
  return { ...paths, frames, width, height };
}
