import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { calibrateRate } from './calibrate-rate.ts';
import { fineTuneOptionsFor } from './defaults.ts';
import { buildLearningSet } from './learning-set.ts';
import { observe, range } from './testing.ts';
import { createLinearTrainer } from './testing-trainer.ts';
import { generateTriplets, type Triplets } from './triplets.ts';

const set = buildLearningSet(
  observe(
    Object.fromEntries(range(0, 6).map((p) => [`p${p}`, range(Math.floor(p / 2) * 30, Math.floor(p / 2) * 30 + 30)])),
  ),
);

/** Faces of four numbers; `scale` stands for networks whose numbers are larger. */
function scenario(scale: number, margin = 100) {
  const random = createRandom(5);
  const values = Float32Array.from(
    set.probes.flatMap(({ track }) => range(0, 4).map((k) => scale * ((track % 3) * (k === 0 ? 1 : 0.1) + random()))),
  );
  const bank = {
    sampleSize: 4,
    read: (rows: ArrayLike<number>) =>
      Float32Array.from(Array.from(rows, (r) => [...values.subarray(r * 4, r * 4 + 4)]).flat()),
  };
  const trainer = createLinearTrainer(4, 4);
  const triplets = generateTriplets(set, values, { dimension: 4 });
  const options = { ...fineTuneOptionsFor('euclidean'), margin: margin * scale * scale };
  return { trainer, bank, triplets, training: set, options };
}

/** Mean loss of all triplets, without a change to the weights. */
async function lossOf({ trainer, bank, options }: ReturnType<typeof scenario>, triplets: Triplets): Promise<number> {
  const rows = [triplets.anchor, triplets.positive, triplets.negative].flatMap((part) =>
    Array.from(part, (p) => set.probes[p]!.row),
  );
  return (await trainer.step(await bank.read(rows), { ...options, learningRate: 0, apply: true })).loss;
}

describe('calibrateRate', () => {
  it('gives a rate whose step takes the asked share of the loss away, for any scale of the network', async () => {
    for (const scale of [0.3, 1, 3]) {
      const of = scenario(scale);
      const rate = await calibrateRate(of, of.triplets, 0.02);
      const before = await lossOf(of, of.triplets);
      const plain = { ...of.options, learningRate: rate, momentum: 0, weightDecay: 0, basePull: 0, apply: true };
      const rows = [of.triplets.anchor, of.triplets.positive, of.triplets.negative].flatMap((part) =>
        Array.from(part, (p) => set.probes[p]!.row),
      );
      await of.trainer.step(await of.bank.read(rows), plain);
      const taken = 1 - (await lossOf(of, of.triplets)) / before;
      expect(taken).toBeGreaterThan(0.012);
      expect(taken).toBeLessThan(0.03);
    }
  });

  it('puts the weights back', async () => {
    const { trainer, triplets, ...rest } = scenario(1);
    const before = (await trainer.weights()).get('w')!.slice();
    await calibrateRate({ trainer, ...rest }, triplets, 0.05);
    expect((await trainer.weights()).get('w')).toEqual(before);
  });

  it('keeps the nominal rate where no triplet violates the margin', async () => {
    const { triplets, ...of } = scenario(1, -1e6);
    expect(await calibrateRate(of, triplets, 0.02)).toBe(of.options.learningRate);
  });
});
