import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PretrainProgress, pretrainProgressSchema, type RgbImage } from '@saface/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOrtExtractor } from '../training/ort-extractor.ts';
import type { ClassificationTrainer } from './classification-trainer.ts';
import { type ClassifierOptions, createOrtClassifier } from './ort-classifier.ts';
import { type PretrainJob, pretrain } from './pretrain.ts';
import { patternDataset, tinyBackbone } from './testing.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'saface-pretrain-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const oneThread = (options: ClassifierOptions) => createOrtClassifier({ ...options, threads: 1 });
const job = (change: Partial<PretrainJob> = {}): PretrainJob => ({
  dataset: patternDataset(),
  backbone: { name: 'mobilefacenet', width: 0.125, inputSize: 32, dimension: 16 },
  head: 'cosface',
  options: {
    epochs: 3,
    batchSize: 8,
    scale: 16,
    margin: 0.2,
    heldOut: 0.25,
    schedule: { learningRate: 0.05 },
    augmentation: { mirror: false, occlusion: 0 },
  },
  checkpointDir: join(dir, 'run'),
  createTrainer: oneThread,
  build: tinyBackbone,
  ...change,
});

describe('pre-training', () => {
  it('learns to tell people apart whom it never saw, and says how it goes', async () => {
    const events: PretrainProgress[] = [];
    const result = await pretrain(job({ onProgress: (event) => events.push(event) }));
    for (const event of events) expect(pretrainProgressSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
    expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(result.history[2]!.loss).toBeLessThan(result.history[0]!.loss);
    expect(result.verification.accuracy).toBeGreaterThan(0.9);
    expect(result.people).toEqual({ training: 6, heldOut: 2 });
    expect(result.spec.defaultThreshold).toBe(result.verification.threshold);
    const steps = events.filter(({ kind }) => kind === 'step');
    expect(steps).toHaveLength(result.steps);
  });

  it('ends with a recogniser that serves', async () => {
    const { onnx, spec } = await pretrain(job());
    const extractor = await createOrtExtractor(onnx, { input: spec.input, threads: 1 }).catch((error) => error);
    // The whole network has no spatial output, but it takes the crops its spec describes.
    const crop: RgbImage = { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3).fill(120) };
    const embedding = await extractor.extract([crop]);
    expect(embedding).toHaveLength(spec.dimension);
    await extractor.dispose();
  });

  it('learns the same when it was killed and goes on', async () => {
    const whole = await pretrain(job());
    let stop: AbortController;
    const events: PretrainProgress[] = [];
    const killed = (at: number) => {
      stop = new AbortController();
      return pretrain(
        job({
          checkpointDir: join(dir, 'killed'),
          signal: stop.signal,
          onProgress: (event) => {
            events.push(event);
            if (event.kind === 'step' && event.step === at) stop.abort(new Error('killed'));
          },
        }),
      );
    };
    // In the middle of an epoch, at the end of one, and right after the start.
    await expect(killed(2)).rejects.toThrow('killed');
    await expect(killed(4)).rejects.toThrow('killed');
    await expect(killed(7)).rejects.toThrow('killed');
    const resumed = await killed(1e9);
    expect(events.filter(({ kind }) => kind === 'resumed')).toHaveLength(3);
    expect(Buffer.compare(resumed.onnx, whole.onnx)).toBe(0);
    expect(resumed.history).toEqual(whole.history);
  });

  it('loses at most the steps since the last checkpoint when its process dies', async () => {
    const whole = await pretrain(job());
    // A process that dies writes nothing more: the step fails, and no checkpoint follows.
    const dying = failing(5, () => new Error('power cut'));
    const run = (createTrainer: PretrainJob['createTrainer']) =>
      pretrain(job({ checkpointDir: join(dir, 'dying'), createTrainer }));
    await expect(run(dying)).rejects.toThrow('power cut');
    expect(Buffer.compare((await run(oneThread)).onnx, whole.onnx)).toBe(0);
  });

  it('stops with a clear error and its last checkpoint when the numbers run away', async () => {
    const run = (learningRate: number, clip?: number) =>
      pretrain(job({ options: { ...job().options, clip, schedule: { learningRate, warmUp: 0 } } }));
    await expect(run(1e30, 1e30)).rejects.toThrow(/option learningRate is 1e\+30/);
    const poisoned = poisonedFrom(5);
    const broken = () => pretrain(job({ createTrainer: poisoned }));
    await expect(broken()).rejects.toThrow(
      /Training diverged: the loss became NaN at step 6 of 12; the checkpoint of step 4 is kept/,
    );
    const kept = await readFile(join(dir, 'run', 'checkpoint.bin'));
    await expect(broken()).rejects.toThrow(/diverged/);
    expect(Buffer.compare(await readFile(join(dir, 'run', 'checkpoint.bin')), kept)).toBe(0);
  });

  it('refuses the checkpoint of another plan, and a damaged one', async () => {
    await pretrain(job());
    await expect(pretrain(job({ head: 'arcface' }))).rejects.toMatchObject({ code: 'conflict' });
    const path = join(dir, 'run', 'checkpoint.bin');
    const bytes = await readFile(path);
    bytes[bytes.length - 5]! ^= 0xff;
    await writeFile(path, bytes);
    await expect(pretrain(job())).rejects.toMatchObject({ code: 'integrity' });
    expect(await readdir(join(dir, 'run'))).toEqual(['checkpoint.bin']);
  });

  it('says why a dataset cannot be trained on', async () => {
    const run = (people: number, pictures = 6) => pretrain(job({ dataset: patternDataset({ people, pictures }) }));
    await expect(run(1)).rejects.toThrow(/pictures of one person/);
    await expect(run(3)).rejects.toThrow(/3 people only/);
    await expect(run(5, 1)).rejects.toThrow(/0 people with two pictures/);
    await expect(pretrain(job({ dataset: patternDataset({ size: 48 }) }))).rejects.toThrow(/48 pixels wide/);
  });
});

/** A trainer whose step fails after `good` of them. */
function failing(good: number, error: () => Error): NonNullable<PretrainJob['createTrainer']> {
  return wrapped((trainer) => {
    let steps = 0;
    return async (...call) => {
      if (steps++ >= good) throw error();
      return trainer.step(...call);
    };
  });
}

/** A trainer that is given a picture which is not a number after `good` steps. */
function poisonedFrom(good: number): NonNullable<PretrainJob['createTrainer']> {
  let steps = 0;
  return wrapped((trainer) => async (images, labels, settings) => {
    if (steps++ >= good) images[3] = Number.NaN;
    return trainer.step(images, labels, settings);
  });
}

function wrapped(
  stepOf: (trainer: ClassificationTrainer) => ClassificationTrainer['step'],
): NonNullable<PretrainJob['createTrainer']> {
  return async (options) => {
    const trainer = await oneThread(options);
    return {
      sampleShape: trainer.sampleShape,
      classes: trainer.classes,
      dimension: trainer.dimension,
      step: stepOf(trainer),
      embed: (images) => trainer.embed(images),
      state: () => trainer.state(),
      load: (state) => trainer.load(state),
      export: () => trainer.export(),
      dispose: () => trainer.dispose(),
    };
  };
}
