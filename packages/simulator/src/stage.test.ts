import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { probeVideo } from '@saface/media';
import { describe, expect, it } from 'vitest';
import { benchRender } from './bench-render.ts';
import { renderEnrolmentPictures, writeEnrolmentFolder } from './enrolment.ts';
import { renderScene } from './render-pool.ts';
import { ensureScenarioVideo } from './scenario-video.ts';
import { scenarioNames } from './scenarios.ts';
import { createSimulatorSource } from './source.ts';
import { castOf, type SceneSpec, Stage } from './stage.ts';

const short: SceneSpec = { scenario: 'entrance', seed: 11, seconds: 0.5, fps: 8 };

async function digest(spec: SceneSpec, workers: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const { image, truth } of renderScene(spec, { workers }))
    hash.update(image.data).update(JSON.stringify(truth));
  return hash.digest('hex');
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'saface-simulator-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('a scene', () => {
  it('gives the same bytes whatever number of workers renders it, and others for another seed', async () => {
    const two: SceneSpec = { ...short, seconds: 0.25 };
    const alone = await digest(two, 0);
    expect(await digest(two, 2)).toBe(alone);
    expect(await digest({ ...two, seed: 12 }, 0)).not.toBe(alone);
  });

  it.each(scenarioNames)('keeps the truth of the %s within the frame and about its own people', async (scenario) => {
    const stage = new Stage({ scenario, seed: 7, seconds: 60, fps: 12 });
    const cast = new Set(castOf(scenario, 7).map((p) => p.name));
    const { width, height } = stage.scenario.camera;
    let faces = 0;
    for (const frame of [260, 650]) {
      const { image, truth } = await stage.render(frame);
      expect(image).toMatchObject({ width, height });
      expect(image.data.length).toBe(width * height * 3);
      expect(new Set(truth.map((t) => t.person)).size).toBe(truth.length);
      for (const { person, box } of truth) {
        expect(cast).toContain(person);
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.y).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
        expect(box.width).toBeGreaterThan(20);
        faces++;
      }
    }
    expect(faces).toBeGreaterThan(2);
  });

  it('stops its workers when it is aborted', async () => {
    const controller = new AbortController();
    const rendering = (async () => {
      for await (const _ of renderScene({ ...short, seconds: 20 }, { workers: 1, signal: controller.signal }))
        controller.abort(new Error('enough'));
    })();
    await expect(rendering).rejects.toThrow('enough');
  });
});

describe('a scenario video', () => {
  it('is rendered once with its truth, then found, and played as a camera', () =>
    withFolder(async (folder) => {
      const spec: SceneSpec = { ...short, scenario: 'corridor' };
      const progress: number[] = [];
      const first = await ensureScenarioVideo(folder, spec, {
        workers: 0,
        onProgress: ({ done }) => progress.push(done),
      });
      expect(progress).toEqual([1, 2, 3, 4]);
      expect(await probeVideo(first.video)).toMatchObject({ width: 640, height: 360, frames: 4, fps: 8 });
      expect((await readFile(first.truth, 'utf8')).split('\n')[0]).toBe('frame,person,x,y,width,height');
      expect((await readdir(folder)).length).toBe(2);
      const again = await ensureScenarioVideo(folder, spec, { signal: AbortSignal.abort() });
      expect(again).toEqual(first);

      const source = createSimulatorSource({ dir: folder, ...spec, pace: 'fast', loop: true, share: 0.75 });
      const seen: [number, number][] = [];
      const controller = new AbortController();
      for await (const frame of source.frames(controller.signal)) {
        seen.push([frame.index, frame.time]);
        if (seen.length === 7) controller.abort();
      }
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => [i, i * 125]));
    }));

  it('leaves nothing behind when it is aborted, and refuses nonsense', () =>
    withFolder(async (folder) => {
      const controller = new AbortController();
      const rendering = ensureScenarioVideo(folder, short, {
        workers: 0,
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await expect(rendering).rejects.toThrow(/aborted/);
      expect(await readdir(folder)).toEqual([]);
      await expect(ensureScenarioVideo(folder, { ...short, fps: Number.NaN })).rejects.toBeInstanceOf(SafaceError);
    }));
});

describe('enrolment pictures', () => {
  it('differ from one another but not from one time to the next', () => {
    const [person] = castOf('corridor', 7);
    if (person === undefined) throw new Error('nobody in the cast');
    const [first, second] = renderEnrolmentPictures(person, 2);
    expect(first).toMatchObject({ width: 300, height: 380 });
    expect(Buffer.from(first?.data ?? [])).not.toEqual(Buffer.from(second?.data ?? []));
    expect(Buffer.from(renderEnrolmentPictures(person, 1)[0]?.data ?? [])).toEqual(Buffer.from(first?.data ?? []));
  });

  it('are written one folder a person, and only once', () =>
    withFolder(async (folder) => {
      const spec = { seed: 7, scenarios: ['corridor'], pictures: 1 } as const;
      const written = await writeEnrolmentFolder(folder, spec, { workers: 2 });
      expect(written.people).toHaveLength(8);
      const [first] = written.people;
      if (first === undefined) throw new Error('nobody written');
      for (const { name } of written.people) expect(await readdir(join(folder, name))).toEqual(['1.jpg']);
      const before = await stat(first.pictures[0] ?? '');
      expect(await writeEnrolmentFolder(folder, spec, { workers: 0 })).toEqual(written);
      expect((await stat(first.pictures[0] ?? '')).mtimeMs).toBe(before.mtimeMs);
    }));

  it('say where they could not be written', () =>
    withFolder(async (folder) => {
      const [someone] = castOf('corridor', 7);
      if (someone === undefined) throw new Error('nobody in the cast');
      // In the way of the first person's folder.
      await writeFile(join(folder, someone.name), '');
      const writing = writeEnrolmentFolder(folder, { seed: 7, scenarios: ['corridor'], pictures: 1 }, { workers: 2 });
      await expect(writing).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining(folder),
        remedy: expect.stringContaining('disk'),
      });
      expect(await readdir(folder)).not.toContain('.simulator');
    }));
});

it('reports how fast it renders', () => {
  const result = benchRender(200);
  console.info(`64 px heads: ${result.perSecondPerCore.toFixed(0)} a second and core`);
  expect(result.renders).toBeGreaterThan(0);
});
