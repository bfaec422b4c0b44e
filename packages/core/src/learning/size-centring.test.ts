import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { centredStart } from './centred-start.ts';
import { type CrossFitInput, type CrossFitState, crossFit } from './cross-fit.ts';
import { fineTuneOptionsFor } from './defaults.ts';
import type { FineTuneOptions } from './fine-tune-types.ts';
import { buildLearningSet, type LearningSet } from './learning-set.ts';
import {
  centred,
  centringOf,
  channelMeans,
  fitGauge,
  interpolation,
  readSizes,
  SIZE_KNOTS,
  type SizeCentring,
} from './size-centring.ts';
import { crossSplits, timeBlocks } from './split.ts';
import { createCentringTrainer } from './testing-trainer.ts';

const DIMENSION = 4;
/** Three that tell how large a face is, more or less, and one for each number of the embedding. */
const CHANNELS = 3 + DIMENSION;
const PIXELS = 4;

/**
 * Pairs of people who walk up to the camera side by side, one a little behind the other. An embedding is who it is, and `drift` for
 * each step of the size, which all have in common.
 */
function approaching({ seed = 1, pairs = 8, frames = 30, drift = 1, grows = true } = {}) {
  const random = createRandom(seed);
  const observations = [];
  const features: number[] = [];
  for (let person = 0; person < pairs * 2; person++) {
    const who = Array.from({ length: DIMENSION }, () => random() - 0.5);
    for (let i = 0; i < frames; i++) {
      const frame = Math.floor(person / 2) * 1000 + i;
      const width = grows ? 20 * 1.06 ** (i + (person % 2) * 6) : 40;
      observations.push({
        trackKey: `t${person}`,
        frameKey: String(frame),
        frame,
        time: frame,
        quality: 1,
        box: { x: person * 200, y: 0, width, height: width },
      });
      const size = Math.log(width);
      const plain = who.map((value, d) => value + (d < 2 ? drift * size : 0) + 0.1 * (random() - 0.5));
      const levels = [3 * size + 0.1 * random(), 5 - size, random(), ...plain];
      // An image whose mean is the level.
      features.push(...levels.flatMap((level) => [level - 1, level + 1, level - 2, level + 2]));
    }
  }
  const set = buildLearningSet(observations);
  const bank = {
    sampleSize: CHANNELS * PIXELS,
    read: (rows: ArrayLike<number>) =>
      Float32Array.from(
        Array.from(rows, (row) => features.slice(row * CHANNELS * PIXELS, (row + 1) * CHANNELS * PIXELS)).flat(),
      ),
  };
  const values = plainEmbeddings(bank.read(set.probes.map(({ row }) => row)));
  return { set, bank, values };
}

/** The means of the last channels. */
function plainEmbeddings(features: Float32Array): Float32Array {
  const level = (sample: number, channel: number) => {
    const at = (sample * CHANNELS + channel) * PIXELS;
    return features.subarray(at, at + PIXELS).reduce((a, b) => a + b, 0) / PIXELS;
  };
  const samples = features.length / (CHANNELS * PIXELS);
  return Float32Array.from({ length: samples * DIMENSION }, (_, i) =>
    level(Math.floor(i / DIMENSION), CHANNELS - DIMENSION + (i % DIMENSION)),
  );
}

const meansOf = ({ set, bank }: Pick<ReturnType<typeof approaching>, 'set' | 'bank'>) =>
  channelMeans(
    bank,
    set.probes.map(({ row }) => row),
    [CHANNELS, 2, 2],
  );

/** How much of the first dimension follows the size: slope of a line through all probes. */
function slope(set: LearningSet, values: Float32Array): number {
  const sizes = set.probes.map(({ box }) => Math.log(box.width));
  const middle = sizes.reduce((a, b) => a + b, 0) / sizes.length;
  const above = sizes.map((size) => size - middle);
  return above.reduce((sum, s, i) => sum + s * values[i * DIMENSION]!, 0) / above.reduce((sum, s) => sum + s * s, 0);
}

describe('centring by size', () => {
  it('reads from the features how large a face was', async () => {
    const camera = approaching();
    const means = await meansOf(camera);
    const gauge = fitGauge(camera.set, means)!;
    const read = readSizes(gauge, means);
    camera.set.probes.forEach(({ box }, i) => {
      expect(Math.abs(read[i]! - Math.log(box.width))).toBeLessThan(0.2);
    });
    expect([...gauge.knots]).toEqual([...gauge.knots].sort((a, b) => a - b));
  });

  it('has no gauge where all faces are of one size', async () => {
    const camera = approaching({ grows: false });
    expect(fitGauge(camera.set, await meansOf(camera))).toBeNull();
  });

  it('has no gauge where features are no numbers or never change, whatever the faces do', async () => {
    const { set, bank } = approaching();
    const broken = (value: number) => ({ ...bank, read: (rows: ArrayLike<number>) => bank.read(rows).fill(value) });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 0, 3])
      expect(fitGauge(set, await meansOf({ set, bank: broken(value) })), String(value)).toBeNull();
    const nobody = buildLearningSet([]);
    expect(fitGauge(nobody, await meansOf({ set: nobody, bank }))).toBeNull();
  });

  it('takes out what faces of one size have in common, as much as it is told', async () => {
    const camera = approaching();
    const means = await meansOf(camera);
    const gauge = fitGauge(camera.set, means)!;
    const sizes = readSizes(gauge, means);
    const found = (share: number) =>
      centringOf(camera.set, { gauge, sizes, embeddings: camera.values }, { share, evenness: 0 });
    const before = slope(camera.set, camera.values);
    expect(before).toBeGreaterThan(0.7);
    expect(slope(camera.set, centred(camera.values, sizes, found(1)))).toBeCloseTo(0, 1);
    expect(slope(camera.set, centred(camera.values, sizes, found(0.5)))).toBeCloseTo(before / 2, 1);
  });

  it('evens lengths out and keeps their mean square', async () => {
    const camera = approaching();
    const means = await meansOf(camera);
    const gauge = fitGauge(camera.set, means)!;
    const of = { gauge, sizes: readSizes(gauge, means), embeddings: camera.values };
    const lengths = (evenness: number) => {
      const values = centred(camera.values, of.sizes, centringOf(camera.set, of, { share: 0.5, evenness }));
      return camera.set.probes.map((_, i) => Math.hypot(...values.subarray(i * DIMENSION, (i + 1) * DIMENSION)));
    };
    const spread = (all: readonly number[]) => Math.max(...all) - Math.min(...all);
    expect(spread(lengths(1))).toBeCloseTo(0, 5);
    expect(spread(lengths(0.5))).toBeLessThan(spread(lengths(0.25)));
  });

  it('interpolates between two knots and stays at the outermost', () => {
    const increasing = fc
      .array(fc.double({ min: 0.01, max: 2, noNaN: true }), { minLength: SIZE_KNOTS, maxLength: SIZE_KNOTS })
      .map((steps) => Float64Array.from(steps, (_, i) => steps.slice(0, i + 1).reduce((a, b) => a + b, 0)));
    fc.assert(
      fc.property(increasing, fc.double({ min: -5, max: 20, noNaN: true }), (knots, size) => {
        const parts = [...interpolation(knots, size)];
        expect(parts.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        expect(parts.every((part) => part >= 0)).toBe(true);
        const meant = parts.reduce((sum, part, knot) => sum + part * knots[knot]!, 0);
        expect(meant).toBeCloseTo(Math.min(knots.at(-1)!, Math.max(knots[0]!, size)), 9);
      }),
    );
  });
});

/** Three for each unit of the size, in the first two dimensions. */
const drifting: SizeCentring = {
  gauge: new Float64Array(CHANNELS),
  origin: 0,
  knots: Float64Array.of(2, 3, 4, 5, 6),
  offsets: Float64Array.from({ length: SIZE_KNOTS * DIMENSION }, (_, i) =>
    i % DIMENSION < 2 ? 3 * Math.floor(i / DIMENSION) : 0,
  ),
  length: null,
};

describe('where training begins', () => {
  const options: FineTuneOptions = {
    ...fineTuneOptionsFor('euclidean'),
    centrings: [
      { share: 0.5, evenness: 0 },
      { share: 1, evenness: 0 },
    ],
  };

  async function begin({ drift, ...changes }: { drift: number } & Partial<FineTuneOptions>) {
    const { set, bank } = approaching({ drift });
    const trainer = createCentringTrainer([CHANNELS, 2, 2], plainEmbeddings);
    const first = await trainer.weights();
    const splits = crossSplits(set, timeBlocks(set, 4)).slice(0, 1);
    const input = { trainer, bank, options: { ...options, ...changes } };
    return { start: await centredStart(input, { splits, judged: splits[0]!.heldOut }), first, input, splits };
  }

  it('is centred where the held-out tracks score higher so', async () => {
    const { start, first } = await begin({ drift: 3 });
    expect(start.centring).toEqual({ share: 1, evenness: 0 });
    expect(start.weights).toHaveLength(1);
    expect(start.weights[0]).not.toEqual(first);
  });

  it('is left alone where size says nothing, and where it is not asked for', async () => {
    for (const { start, first } of [await begin({ drift: 0 }), await begin({ drift: 3, centrings: [] })])
      expect(start).toEqual({ centring: null, weights: [first] });
  });

  it('keeps a centring as good as any, and takes away one that does harm', async () => {
    const { start, input, splits } = await begin({ drift: 3 });
    const judged = splits[0]!.heldOut;
    await input.trainer.load(start.weights[0]!);
    expect(await centredStart(input, { splits, judged })).toEqual({ centring: null, weights: start.weights });
    // Where size says nothing, what was right on another camera is wrong.
    const other = await begin({ drift: 0, centrings: [{ share: 200, evenness: 0 }] });
    const strange = { ...drifting, origin: 0, gauge: drifting.gauge.map((_, c) => (c === 0 ? 1 / 3 : 0)) };
    await other.input.trainer.load((await other.input.trainer.centred(strange))!);
    const again = await centredStart(other.input, { splits: other.splits, judged: other.splits[0]!.heldOut });
    expect(again.centring).toEqual({ share: 0, evenness: 0 });
  });

  it('is what was chosen before a restart', async () => {
    const { input, splits, first } = await begin({ drift: 3 });
    const judged = splits[0]!.heldOut;
    const chosen = { share: 0.25, evenness: 0 };
    await input.trainer.load(first);
    expect((await centredStart(input, { splits, judged, chosen })).centring).toEqual(chosen);
    await input.trainer.load(first);
    expect(await centredStart(input, { splits, judged, chosen: null })).toEqual({ centring: null, weights: [first] });
  });
});

describe('cross-fitting', () => {
  const centrings = [{ share: 1, evenness: 0 }];
  const run = async (changes: Partial<CrossFitInput> = {}) => {
    const { set, bank } = approaching({ drift: 3 });
    const trainer = createCentringTrainer([CHANNELS, 2, 2], plainEmbeddings);
    const options = { ...fineTuneOptionsFor('euclidean'), centrings };
    const fitted = await crossFit({ trainer, bank, set, options, parts: 4, trainings: 1, ...changes });
    return { fitted, weights: await trainer.weights(), bare: (await trainer.centred(null))! };
  };

  it('trains from the centred start, and is a change even where training brings nothing', async () => {
    const { fitted, weights, bare } = await run();
    expect(fitted).toMatchObject({ centring: centrings[0], changed: true, choice: { share: 0 } });
    expect(fitted.trainings[0]!.base).not.toEqual(bare);
    expect(weights).toEqual(fitted.trainings[0]!.base);
    expect([...fitted.after]).not.toEqual([...fitted.before]);
  });

  it('tells a checkpoint what was chosen, and goes on with it', async () => {
    const states: CrossFitState[] = [];
    await run({ onCheckpoint: async (state) => void states.push(state) });
    expect(states.at(-1)).toMatchObject({ centring: centrings[0] });
    const { fitted } = await run({ resume: { finished: [], fineTune: null, centring: null } });
    expect(fitted).toMatchObject({ centring: null, changed: false });
  });
});
