import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { z } from 'zod';
import { type RenderProgress, type ScenarioVideo, type StagedPicture, writeSceneVideo } from '../scenario-video.ts';
import { Yard, type YardSpec } from './yard.ts';
import { yard } from './yard-ground.ts';

/** Rises whenever the same spec would render different pixels. */
export const yardVersion = 1;

/** Five parts to learn from and one to be judged on, with everybody in both. */
export const yardLength = { seconds: 120, fps: 10 } as const;

const schema = z.object({
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  seconds: z.number().min(1).max(3600),
  fps: z.number().min(1).max(60),
  cast: z.number().int().min(2).max(200).optional(),
});

export interface YardVideoOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RenderProgress) => void;
}

/**
 * The video of a yard from the cache in `dir`, rendered first if it is not there, with its truth (`frame,person,x,y,width,height`,
 * boxes of whole bodies). Both files appear only when both are complete.
 *
 * @throws SafaceError `invalid-input`; the signal's reason when it aborts.
 */
export async function ensureYardVideo(
  dir: string,
  spec: YardSpec,
  options: YardVideoOptions = {},
): Promise<ScenarioVideo> {
  const parsed = schema.safeParse(spec);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SafaceError(
      'invalid-input',
      `A yard cannot have this ${issue?.path.join('.')}: ${issue?.message}`,
      'Correct the scene.',
    );
  }
  const { seed, seconds, fps, cast } = parsed.data;
  const hash = createHash('sha256')
    .update(JSON.stringify([yardVersion, seed, seconds, fps, cast ?? null]))
    .digest('hex')
    .slice(0, 12);
  const out = { video: join(dir, `yard-${seed}-${hash}.mp4`), truth: join(dir, `yard-${seed}-${hash}.csv`) };
  const { width, height } = yard.camera;
  const frames = Math.max(1, Math.round(seconds * fps));
  // The truth is renamed last: where it is, the video is whole.
  const whole = await Promise.all([stat(out.video), readFile(out.truth)]).then(
    ([video]) => video.size > 0,
    () => false,
  );
  if (!whole)
    await writeSceneVideo(stage(spec, options.signal), out, { width, height, fps, total: frames, ...options });
  return { ...out, frames, width, height };
}

async function* stage(spec: YardSpec, signal?: AbortSignal): AsyncGenerator<StagedPicture> {
  const scene = new Yard(spec);
  for (let index = 0; index < scene.frames; index++) {
    signal?.throwIfAborted();
    yield scene.render(index);
  }
}
