import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { chooseWeights } from './choose-weights.ts';
import {
  type ConditionCentring,
  centred,
  centringsOf,
  channelMeans,
  evenedBy,
  fitLevels,
  LEVEL_LIMIT,
  readLevels,
  unevenedBy,
} from './condition-centring.ts';
import { crossFit } from './cross-fit.ts';
import { fineTuneOptionsFor } from './defaults.ts';
import type { FineTuneOptions } from './fine-tune-types.ts';
import { finish, leastToBelieve } from './finishing.ts';
import { buildLearningSet, type LearningSet } from './learning-set.ts';
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

async function seen(camera: Pick<ReturnType<typeof approaching>, 'set' | 'bank' | 'values'>) {
  const means = await meansOf(camera);
  const scale = fitLevels(camera.set, means)!;
  return { scale, levels: readLevels(scale, means), embeddings: camera.values };
}

const lengthsOf = (values: Float32Array) =>
  Array.from({ length: values.length / DIMENSION }, (_, i) =>
    Math.hypot(...values.subarray(i * DIMENSION, (i + 1) * DIMENSION)),
  );
const spread = (all: readonly number[]) => Math.max(...all) - Math.min(...all);

describe('centring by conditions', () => {
  it('standardises what channels vary by on this camera, within limits', async () => {
    const camera = approaching();
    const { scale, levels } = await seen(camera);
    expect(levels.max()).toBeLessThanOrEqual(LEVEL_LIMIT);
    const far = (await meansOf(camera)).add(1000);
    expect(readLevels(scale, far).min()).toBe(LEVEL_LIMIT);
  });

  it('says nothing where features are no numbers or never change, and where nobody was seen', async () => {
    const { set, bank } = approaching();
    const broken = (value: number) => ({ ...bank, read: (rows: ArrayLike<number>) => bank.read(rows).fill(value) });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 0, 3])
      expect(fitLevels(set, await meansOf({ set, bank: broken(value) })), String(value)).toBeNull();
    const nobody = buildLearningSet([]);
    expect(fitLevels(nobody, await meansOf({ set: nobody, bank }))).toBeNull();
  });

  it('says nothing where embeddings are no numbers', async () => {
    const camera = approaching();
    const of = await seen(camera);
    expect(centringsOf(camera.set, { ...of, embeddings: of.embeddings.map(() => Number.NaN) })).toBeNull();
  });

  it('takes out what one face changes by with the conditions, as much as it is told', async () => {
    const camera = approaching();
    const of = await seen(camera);
    const found = centringsOf(camera.set, of)!;
    const before = slope(camera.set, camera.values);
    expect(before).toBeGreaterThan(0.7);
    const after = (share: number) =>
      slope(camera.set, centred(camera.values, of.levels, found({ share, evenness: 0 }))) / before;
    expect(Math.abs(after(1))).toBeLessThan(0.25);
    expect(Math.abs(after(0.5) - 0.5)).toBeLessThan(0.15);
    expect(after(0)).toBeCloseTo(1, 5);
  });

  it('leaves people apart whom conditions do not tell apart', async () => {
    const camera = approaching({ drift: 0 });
    const of = await seen(camera);
    const all = centred(camera.values, of.levels, centringsOf(camera.set, of)!({ share: 1, evenness: 0 }));
    const means = (values: Float32Array) =>
      camera.set.tracks.map(({ probes }) => probes.reduce((sum, p) => sum + values[p * DIMENSION + 2]!, 0) / 30);
    // Who it is shows in the channels as well here, so a part of it goes; most stays.
    expect(spread(means(all))).toBeGreaterThan(0.4 * spread(means(camera.values)));
  });

  it('evens lengths out', async () => {
    const camera = approaching();
    const of = await seen(camera);
    const found = centringsOf(camera.set, of)!;
    const lengths = (evenness: number) => lengthsOf(centred(camera.values, of.levels, found({ share: 0.5, evenness })));
    expect(spread(lengths(1))).toBeCloseTo(0, 5);
    expect(spread(lengths(0.5))).toBeLessThan(spread(lengths(0.25)));
  });

  it('knows what lengths were before they were evened', () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true });
    const embedding = fc
      .array(number, { minLength: DIMENSION, maxLength: DIMENSION })
      .filter((values) => Math.hypot(...values) > 0.01);
    const evening = fc.record({
      kept: fc.double({ min: 0.1, max: 1, noNaN: true }),
      evened: fc.double({ min: 0, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(embedding, evening, (values, how) => {
        const plain = Float32Array.from(values);
        const back = unevenedBy(evenedBy(plain, DIMENSION, how), DIMENSION, how);
        back.forEach((value, d) => {
          expect(Math.abs(value - plain[d]!)).toBeLessThan(1e-4);
        });
      }),
    );
    const nothing = new Float32Array(DIMENSION);
    expect(evenedBy(nothing, DIMENSION, { kept: 0.5, evened: 1 })).toEqual(nothing);
  });
});

/** Three for each unit of the size, in the first two dimensions. */
const drifting: ConditionCentring = {
  centre: new Float64Array(CHANNELS),
  scale: Float64Array.from({ length: CHANNELS }, (_, c) => (c === 0 ? 1 / 12 : 0)),
  slopes: Float64Array.from({ length: CHANNELS * DIMENSION }, (_, i) => (i < 2 ? 12 : 0)),
  offset: new Float64Array(DIMENSION),
  length: null,
};
/** Moves all embeddings alike, which distances do not see. */
const harmless: ConditionCentring = {
  ...drifting,
  slopes: drifting.slopes.map(() => 0),
  offset: drifting.offset.map(() => 1),
};

describe('the end of a training', () => {
  const options: FineTuneOptions = {
    ...fineTuneOptionsFor('euclidean'),
    centring: { share: 1, evenness: 0 },
  };

  async function end({
    drift,
    champion = null,
    ...changes
  }: { drift: number; champion?: ConditionCentring | null } & Partial<FineTuneOptions>) {
    const { set, bank } = approaching({ drift });
    const trainer = createCentringTrainer([CHANNELS, 2, 2], plainEmbeddings);
    await trainer.load((await trainer.centred(champion))!);
    const base = await trainer.weights();
    const [split] = crossSplits(set, timeBlocks(set, 4));
    const input = { trainer, bank, options: { ...options, ...changes } };
    const choice = await chooseWeights(input, [{ ...split!, first: base, base, average: base }], split!.heldOut);
    return { choice, base };
  }

  it('centres where the held-out tracks score higher so', async () => {
    const { choice, base } = await end({ drift: 3 });
    expect(choice).toMatchObject({ share: 0, centring: { share: 1, evenness: 0 }, whitening: null });
    expect(choice.weights[0]).not.toEqual(base);
  });

  it('leaves weights alone where held-out tracks speak against it, and where it is not asked for', async () => {
    const harmful = { drift: 0, centring: { share: 200, evenness: 0 } };
    for (const { choice, base } of [await end(harmful), await end({ drift: 3, centring: null })])
      expect(choice).toMatchObject({ centring: null, weights: [base] });
  });

  it('does the usual where nothing is centred yet, unless held-out tracks lose a tenth of their error by it, or what the gate asks for', async () => {
    const { set, bank } = approaching({ drift: 3 });
    const [split] = crossSplits(set, timeBlocks(set, 4));
    const centring = { share: 0.5, evenness: 0 };
    type Ranks = { served: number; trained: number; usual: number };
    const finished = async (ranks: Ranks, { first = true, trusting = true } = {}) => {
      const trainer = createCentringTrainer([CHANNELS, 2, 2], plainEmbeddings);
      const base = (await trainer.centred(first ? null : harmless))!;
      const part = { ...split!, first: base, base, average: base };
      const nothing = { consistent: false, centring: null, whitening: null, score: null, weights: [base] };
      // Trained, usual (where it can be chosen) and untrained weights are asked for as they are, and then centred.
      const asked =
        first && trusting ? [ranks.trained, 0, ranks.served, 0, ranks.usual, 0] : [ranks.trained, 0, 0.1, 0];
      const choice = await finish(
        { trainer, bank, options: { ...options, centring } },
        {
          parts: [part],
          untrained: { ...nothing, share: 0, rank: ranks.served },
          trained: { ...nothing, share: 1, rank: ranks.trained },
          usual: trusting ? { ...nothing, share: 0.5, rank: 0 } : null,
          judged: split!.heldOut,
          scorer: () => ({ rank: asked.shift()!, score: 0 }),
        },
      );
      expect(asked).toEqual([]);
      return choice;
    };
    const much = { served: 0.5, trained: 0.8 };
    expect(await finished({ ...much, usual: 0.79 })).toMatchObject({ share: 0.5, centring });
    const otherwise = { share: 1, centring: null, rank: 0.8 };
    expect(await finished({ ...much, usual: 0.77 })).toMatchObject(otherwise);
    expect(await finished({ ...much, usual: 0.79 }, { first: false })).toMatchObject(otherwise);
    expect(await finished({ ...much, usual: 0.79 }, { trusting: false })).toMatchObject(otherwise);
    expect(await finished({ served: 0.77, trained: 0.8, usual: 0.79 })).toMatchObject(otherwise);
    expect(await finished({ served: 0.8, trained: 0.8, usual: 0.8 })).toMatchObject(otherwise);
    expect(leastToBelieve(0.8, 0.5)).toBeCloseTo(0.78, 9);
    expect(leastToBelieve(0.8, 0.77)).toBeCloseTo(0.793, 9);
    expect(leastToBelieve(0.8, 0.8)).toBe(0.8);
    expect(leastToBelieve(1, 0.2)).toBe(1);
  });

  it('keeps a centring as good as any, and replaces one that does harm', async () => {
    const found = await end({ drift: 3 });
    const again = await end({ drift: 3, champion: null, centring: null });
    expect(found.choice.rank!).toBeGreaterThan(again.choice.rank!);
    const right = await end({ drift: 0, champion: drifting, centring: { share: 0, evenness: 0 } });
    expect(right.choice).toMatchObject({ centring: { share: 0, evenness: 0 } });
    const kept = await end({ drift: 0, champion: harmless, centring: { share: 0, evenness: 0 } });
    expect(kept.choice).toMatchObject({ centring: null });
  });
});

describe('cross-fitting', () => {
  it('is a change by a centring alone', async () => {
    const { set, bank } = approaching({ drift: 3 });
    const trainer = createCentringTrainer([CHANNELS, 2, 2], plainEmbeddings);
    const bare = await trainer.weights();
    const options = { ...fineTuneOptionsFor('euclidean'), centring: { share: 1, evenness: 0 } };
    const fitted = await crossFit({ trainer, bank, set, options, parts: 4, trainings: 1 });
    expect(fitted).toMatchObject({ changed: true, choice: { share: 0, centring: { share: 1, evenness: 0 } } });
    expect(await trainer.weights()).not.toEqual(bare);
    expect([...fitted.after]).not.toEqual([...fitted.before]);
  });
});
