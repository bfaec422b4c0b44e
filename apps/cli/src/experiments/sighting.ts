import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { boxSchema, pointSchema } from '@saface/core';
import { ensureDefaultModels, FacePipeline, Landmarker68, SsdDetector } from '@saface/engine';
import { createFrameSource } from '@saface/media';
import { z } from 'zod';
import { env, folders } from '../env.ts';
import { labelFaces } from '../offline/score-detection.ts';
import { readTruth } from '../offline/truth.ts';
import { writeWhole } from '../offline/write-results.ts';
import { progressBar } from '../output.ts';
import type { Scene } from './scenes.ts';

const probeSchema = z.object({
  frame: z.number(),
  time: z.number(),
  trackId: z.number(),
  box: boxSchema,
  landmarks: z.array(pointSchema),
  score: z.number(),
  quality: z.number(),
});
const fileSchema = z.object({ frames: z.number(), probes: z.array(probeSchema) });

/** What detector and tracker made of a video; the same for every recogniser. */
export interface Sighting extends z.infer<typeof fileSchema> {
  readonly scene: Scene;
  /** Who each probe is; null where no label lies. For measuring only. */
  readonly labels: readonly (string | null)[];
  /** Names the sighting: everything that decides its content. */
  readonly key: string;
}

/** Rises when detection, landmarks, tracking or quality change; older sightings are then made anew. */
const SIGHTING_VERSION = 2;

/** Detects and tracks the faces of a scene, once: later calls read the result. */
export async function sight(scene: Scene): Promise<Sighting> {
  const models = await ensureDefaultModels(folders.models);
  const key = createHash('sha256')
    .update(JSON.stringify([SIGHTING_VERSION, scene.fingerprint, models.spec.alignment]))
    .digest('hex')
    .slice(0, 16);
  const path = join(folders.experiments, 'sightings', `${scene.name}-${key}.json`);
  const stored = await readFile(path, 'utf8').then(
    (text) => fileSchema.parse(JSON.parse(text)),
    () => null,
  );
  const seen = stored ?? (await watch(scene));
  if (!stored) {
    await mkdir(join(folders.experiments, 'sightings'), { recursive: true });
    await writeWhole(path, JSON.stringify(seen));
  }
  return { ...seen, scene, key, labels: labelFaces(seen.probes, await readTruth(scene.truth)) };
}

async function watch(scene: Scene): Promise<z.infer<typeof fileSchema>> {
  const models = await ensureDefaultModels(folders.models);
  const session = { threads: env.threads };
  const detector = await SsdDetector.create(models.detector.path, { session });
  const landmarker = await Landmarker68.create(models.landmarks.path, session);
  const pipeline = new FacePipeline({ detector, landmarker, alignment: models.spec.alignment });
  const probes: z.infer<typeof probeSchema>[] = [];
  const bar = progressBar(`watching ${scene.name}`);
  let frames = 0;
  try {
    bar(0);
    for await (const frame of createFrameSource(scene.video).frames(new AbortController().signal)) {
      for (const { trackId, box, landmarks, score, quality } of (await pipeline.process(frame)).probes)
        probes.push({ frame: frame.index, time: frame.time, trackId, box, landmarks, score, quality });
      frames += 1;
    }
    bar(1);
  } finally {
    await detector.dispose();
    await landmarker.dispose();
  }
  return { frames, probes };
}
