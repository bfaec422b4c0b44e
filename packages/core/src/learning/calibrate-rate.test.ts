import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { calibrateRate } from './calibrate-rate.ts';
import { defaultFineTuneOptions } from './defaults.ts';
import { buildLearningSet } from './learning-set.ts';
import { observe, range } from './testing.ts';
import { createLinearTrainer } from './testing-trainer.ts';
import { generateTriplets } from './triplets.ts';

const random = createRandom(5);
const set = buildLearningSet(
  observe(
    Object.fromEntries(range(0, 6).map((p) => [`p${p}`, range(Math.floor(p / 2) * 30, Math.floor(p / 2) * 30 + 30)])),
  ),
);

/** Faces of four numbers; `scale` stands for networks whose numbers are larger. */
function scenario(scale: number) {
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
  const options = { ...defaultFineTuneOptions, margin: 100 * scale * scale };
  return { trainer, bank, triplets, training: set, options };
}

describe('calibrateRate', () => {
  it('gives a rate whose step moves faces as far as asked, for any scale of the network', async () => {
    for (const scale of [0.3, 1, 3]) {
      const of = scenario(scale);
      const small = await calibrateRate(of, of.triplets, 0.01);
      const large = await calibrateRate(scenario(scale), of.triplets, 0.02);
      expect(large / small).toBeGreaterThan(1.5);
      expect(large / small).toBeLessThan(2.6);
      expect(small * scale * scale).toBeGreaterThan(1e-4);
      expect(small * scale * scale).toBeLessThan(1);
    }
  });

  it('puts the weights back', async () => {
    const { trainer, triplets, ...rest } = scenario(1);
    const before = (await trainer.weights()).get('w')!;
    await calibrateRate({ trainer, ...rest }, triplets, 0.05);
    expect((await trainer.weights()).get('w')).toEqual(before);
  });

  it('keeps the nominal rate where nobody was seen with somebody else', async () => {
    const { trainer, bank, options, triplets } = scenario(1);
    const alone = buildLearningSet(observe({ a: range(0, 30) }));
    expect(await calibrateRate({ trainer, bank, options, training: alone }, triplets, 0.02)).toBe(options.learningRate);
  });
});
