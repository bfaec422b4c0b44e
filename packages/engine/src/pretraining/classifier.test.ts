import { SafaceError } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from '../onnx/model.ts';
import { expectClose } from '../onnx/testing/check-gradient.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/session.ts';
import { noiseArray } from '../training/fixtures.ts';
import type { ClassificationStep, ClassificationTrainer } from './classification-trainer.ts';
import { classDirections } from './classifier.ts';
import { headNames } from './heads/index.ts';
import { type ClassifierOptions, createOrtClassifier } from './ort-classifier.ts';
import { tinyBackbone } from './testing.ts';
import { createTfjsClassifier } from './tfjs-classifier.ts';

const { model } = tinyBackbone('mobilefacenet', { inputSize: 32, dimension: 8 });
const options: ClassifierOptions = { model, classes: 5, head: 'arcface', seed: 3 };
const settings: ClassificationStep = {
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 0.001,
  scale: 16,
  margin: 0.3,
  clip: 1e6,
};
const images = (count: number, seed = 5) => noiseArray(count * 3 * 32 * 32, seed);
const labels = [0, 1, 2, 3, 4, 0];

const engines: readonly { name: string; create: (options: ClassifierOptions) => Promise<ClassificationTrainer> }[] = [
  { name: 'ONNX Runtime', create: (given) => createOrtClassifier({ threads: 1, ...given }) },
  { name: 'TensorFlow.js (cpu)', create: (given) => createTfjsClassifier({ ...given, backend: 'javascript' }) },
];

describe.each(engines)('a classification trainer on $name', ({ create }) => {
  let trainer: ClassificationTrainer;
  let start: Awaited<ReturnType<ClassificationTrainer['state']>>;
  beforeAll(async () => {
    trainer = await create(options);
    start = await trainer.state();
  });
  afterAll(() => trainer.dispose());

  it('lowers the loss of the pictures it sees and knows when it is right', async () => {
    await trainer.load(start);
    // Three pictures: plain JavaScript takes its time for each.
    const step = () => trainer.step(images(3), labels.slice(0, 3), settings);
    const first = await step();
    let last = first;
    for (let steps = 0; steps < 8; steps++) last = await step();
    expect(last.loss).toBeLessThan(0.5 * first.loss);
    expect(last.correct).toBe(3);
  });

  it('takes the state it gave and goes on as if nothing had happened', async () => {
    await trainer.load(start);
    await trainer.step(images(6), labels, settings);
    const between = await trainer.state();
    await trainer.step(images(6, 8), labels, settings);
    const end = await trainer.state();
    await trainer.load(between);
    await trainer.step(images(6, 8), labels, settings);
    expect(await trainer.state()).toEqual(end);
  });

  it('shortens gradients that are too long', async () => {
    await trainer.load(start);
    await trainer.step(images(6), labels, { ...settings, clip: 1e-3, weightDecay: 0, momentum: 0 });
    const { velocities } = await trainer.state();
    const length = Math.sqrt([...velocities.values()].flatMap((v) => [...v]).reduce((sum, v) => sum + v * v, 0));
    expect(length).toBeCloseTo(1e-3, 6);
  });

  it('exports what it embeds with, running statistics and all, but no class directions', async () => {
    await trainer.load(start);
    for (let step = 0; step < 3; step++) await trainer.step(images(6, step), labels, settings);
    const onnx = await trainer.export();
    expect(decodeModel(onnx).graph.initializers.has(classDirections)).toBe(false);
    const session = await OrtSession.create(onnx, { threads: 1 });
    const { embedding } = await session.run({ input: floatTensor(images(4), [4, 3, 32, 32]) });
    await session.dispose();
    expectClose(await trainer.embed(images(4)), floatData(embedding, 'embedding'), {
      label: 'embeddings',
      tolerance: 1e-4,
    });
  });

  it('leaves everything as it was when the numbers run away', async () => {
    await trainer.load(start);
    const broken = images(6);
    broken[10] = Number.NaN;
    await expect(trainer.step(broken, labels, settings)).rejects.toThrow(/diverged/);
    expect(await trainer.state()).toEqual(start);
  });

  it('refuses pictures, labels, settings and states that cannot be', async () => {
    const step = (change: Partial<ClassificationStep>) => trainer.step(images(6), labels, { ...settings, ...change });
    await expect(trainer.step(new Float32Array(7), [0], settings)).rejects.toThrow(SafaceError);
    await expect(trainer.step(images(2), [0], settings)).rejects.toThrow(/1 labels for 2 pictures/);
    await expect(trainer.step(images(2), [0, 5], settings)).rejects.toThrow(/Label 5/);
    await expect(step({ momentum: 2 })).rejects.toThrow(/momentum is 2/);
    await expect(step({ learningRate: Number.NaN })).rejects.toThrow(/learningRate is NaN/);
    await expect(trainer.load({ ...start, velocities: new Map() })).rejects.toThrow(/missing/);
  });
});

describe('both engines', () => {
  it.each(headNames)('agree on two full steps with %s', async (head) => {
    const [ort, tf] = await Promise.all(engines.map(({ create }) => create({ ...options, head })));
    for (let step = 0; step < 2; step++) {
      const [left, right] = [
        await ort!.step(images(6, step), labels, settings),
        await tf!.step(images(6, step), labels, settings),
      ];
      expect(left.loss).toBeCloseTo(right.loss, 3);
      expect(left.correct).toBe(right.correct);
    }
    const [ours, theirs] = [await ort!.state(), await tf!.state()];
    const start = new Map([...model.graph.initializers.values()].map(({ name, data }) => [name, data as Float32Array]));
    // A bias before batch normalisation has no gradient but rounding errors.
    const learning = (name: string) => name !== 'fc/bias';
    for (const [name, values] of ours.values) {
      if (!learning(name)) continue;
      expectClose(values, theirs.values.get(name)!, { label: name, tolerance: 1e-4 });
      // The change is small beside the weight, and is the thing the gradient made: it must agree too.
      const before = start.get(name);
      if (!before) continue;
      const change = (after: Float32Array) => after.map((value, index) => value - before[index]!);
      expectClose(change(values), change(theirs.values.get(name)!), { label: `change of ${name}`, tolerance: 5e-3 });
    }
    for (const [name, values] of ours.velocities)
      if (learning(name))
        expectClose(values, theirs.velocities.get(name)!, { label: `velocity of ${name}`, tolerance: 5e-3 });
    await Promise.all([ort!.dispose(), tf!.dispose()]);
  });

  it('are given a network in the form that is written to disk', () => {
    expect(decodeModel(encodeModel(model)).graph.nodes).toHaveLength(model.graph.nodes.length);
  });
});
