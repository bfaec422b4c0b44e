import { describe, expect, it } from 'vitest';
import { SafaceError, TrainingDivergedError } from '../errors.ts';
import type { Trainer } from '../ports.ts';
import { type ConsistencyInput, trainConsistency } from './consistency-training.ts';
import { fineTuneOptionsFor } from './defaults.ts';
import { copiesDifferingIn, createLinearTrainer, DIMENSION, INPUTS, noisyCamera } from './testing-trainer.ts';

/** Ten people, and copies of all their probes that differ from them in one direction of the camera's noise alone, by a lot. */
function lesson(changes: Partial<ConsistencyInput> = {}) {
  const { bank, set } = noisyCamera();
  const rows = set.probes.map(({ row }) => row);
  const { copies, asked } = copiesDifferingIn(bank, rows, [3]);
  const trainer = createLinearTrainer(INPUTS, DIMENSION);
  const options = { ...fineTuneOptionsFor('euclidean'), consistency: { steps: 60, batch: 32, rate: 0.05 } };
  const input: ConsistencyInput = {
    trainer,
    bank,
    training: set,
    copies,
    options,
    ...changes,
  };
  return { input, asked, set };
}

const flat = async (trainer: Trainer) => [...(await trainer.weights()).get('w')!];
/** What the learner makes of each direction of its own. */
const kept = async (trainer: Trainer) => {
  const w = await flat(trainer);
  return Array.from({ length: INPUTS }, (_, k) => w[k * INPUTS + k]!);
};

describe('trainConsistency', () => {
  it('takes away what only copies differ in, and brings the loss down', async () => {
    const losses: number[] = [];
    const { input } = lesson({ onConsistency: ({ loss }) => losses.push(loss) });
    expect(await trainConsistency(input)).toBe(60);
    expect(losses).toHaveLength(60);
    const mean = (some: readonly number[]) => some.reduce((a, b) => a + b, 0) / some.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 10)));
    const weights = await kept(input.trainer);
    for (const [k, weight] of weights.entries()) if (k !== 3) expect(weights[3]).toBeLessThan(0.7 * weight);
  });

  it('learns from the tracks that it is given alone', async () => {
    const { input, asked, set } = lesson();
    const [, , ...others] = set.tracks;
    const held = new Set(set.tracks.slice(0, 2).flatMap(({ probes }) => probes.map((p) => set.probes[p]!.row)));
    await trainConsistency({ ...input, training: { ...set, tracks: others } });
    expect([...asked].filter((row) => held.has(row))).toEqual([]);
    expect(asked.size).toBeGreaterThan(0);
  });

  it('learns the same however the scheduler cuts the batches, and gives way while it says 0', async () => {
    const whole = lesson();
    await trainConsistency(whole.input);
    let call = 0;
    const cut = lesson({ nextBatchSize: async () => [0, 1, 3, 0, 100][call++ % 5]! });
    await trainConsistency(cut.input);
    const expected = await flat(whole.input.trainer);
    for (const [i, weight] of (await flat(cut.input.trainer)).entries()) expect(weight).toBeCloseTo(expected[i]!, 3);
  });

  it('changes nothing where there are no copies, too few of them, or it is not asked for', async () => {
    const { input } = lesson();
    const before = await flat(input.trainer);
    const few = { ...input.copies!, rows: input.copies!.rows.slice(0, 5) };
    for (const changes of [{ copies: null }, { copies: few }, { options: { ...input.options, consistency: null } }])
      expect(await trainConsistency({ ...input, ...changes })).toBe(0);
    expect(await flat(input.trainer)).toEqual(before);
  });

  it('changes nothing where a face or a copy has an embedding that is no number', async () => {
    const { input } = lesson();
    const before = await flat(input.trainer);
    const [own] = input.copies!.banks;
    const broken = { ...own!, read: async (rows: ArrayLike<number>) => (await own!.read(rows)).fill(Number.NaN, 0, 1) };
    // As every engine does with targets that are no numbers.
    const approach: Trainer['approach'] = () => Promise.reject(new SafaceError('invalid-input', 'not finite', ''));
    const trainer = { ...input.trainer, approach };
    expect(await trainConsistency({ ...input, trainer, copies: { ...input.copies!, banks: [broken] } })).toBe(0);
    expect(await flat(input.trainer)).toEqual(before);
  });

  it('leaves the weights from before when they go astray', async () => {
    for (const slope of [Number.NaN, 1e300]) {
      const { input } = lesson();
      const before = await flat(input.trainer);
      const gradient = new Map([['w', new Float32Array(before.length).fill(slope)]]);
      let asked = 0;
      const approach: Trainer['approach'] = async () => {
        if (++asked > 3) throw new TrainingDivergedError('the distance became NaN');
        return { loss: 1, gradient };
      };
      expect(await trainConsistency({ ...input, trainer: { ...input.trainer, approach } })).toBe(0);
      expect(await flat(input.trainer)).toEqual(before);
    }
  });

  it('leaves the weights from before when it is stopped', async () => {
    const abort = new AbortController();
    const { input } = lesson({ signal: abort.signal, onConsistency: ({ step }) => step === 5 && abort.abort() });
    const before = await flat(input.trainer);
    expect(await trainConsistency(input)).toBe(0);
    expect(await flat(input.trainer)).toEqual(before);
  });
});
