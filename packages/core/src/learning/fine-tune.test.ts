import { describe, expect, it } from 'vitest';
import type { Trainer } from '../ports.ts';
import { chooseWeights } from './choose-weights.ts';
import { fineTune } from './fine-tune.ts';
import type { FineTuneInput, FineTuneOptions, FineTuneState } from './fine-tune-types.ts';
import { buildLearningSet } from './learning-set.ts';
import { rateAt } from './rate-schedule.ts';
import { crossSplits, timeBlocks } from './split.ts';
import { observe, range } from './testing.ts';
import { copiesDifferingIn, createLinearTrainer, DIMENSION, INPUTS, noisyCamera } from './testing-trainer.ts';
import { allTriplets } from './triplet-selection.ts';
import { copyWeights, type Weights } from './weights.ts';

/** The first two pairs of people judge, the others teach. */
function split() {
  const { bank, set } = noisyCamera();
  const blocks = timeBlocks(set, 5).map((block) => (block < 2 ? 0 : 1));
  return { bank, ...crossSplits(set, blocks)[0]! };
}

const options: FineTuneOptions = {
  stepShare: null,
  learningRate: 0.02,
  momentum: 0,
  weightDecay: 0,
  basePull: 1e-3,
  margin: 0.5,
  targetBatch: 24,
  passes: 4,
  warmUpSteps: 2,
  finalRate: 0.1,
  emaDecay: 0.6,
  evaluateEvery: 2,
  patience: 100,
  seed: 1,
  triplets: {},
  firstQuantiles: null,
  selection: allTriplets,
  consistency: null,
  scoring: { minGap: 10 },
  usualShare: null,
  centring: null,
  whitening: null,
};

const input = (changes: Partial<FineTuneInput> = {}): FineTuneInput => ({
  trainer: createLinearTrainer(INPUTS, DIMENSION),
  ...split(),
  options,
  ...changes,
});

/** Copies of all probes, of those that judge as well. */
function copies(numbers: readonly number[]) {
  const { bank, training, heldOut } = split();
  const rows = [...training.probes, ...heldOut.probes].map(({ row }) => row);
  return copiesDifferingIn(bank, rows, numbers);
}

const flat = (weights: Weights) => [...weights.get('w')!];

/** Trains and chooses; the trainer then holds what was chosen. */
async function learn(given: FineTuneInput) {
  const first = copyWeights(await given.trainer.weights());
  const result = await fineTune(given);
  const part = { ...result, first, training: given.training, heldOut: given.heldOut };
  const { weights, ...choice } = await chooseWeights(given, [part], given.heldOut);
  await given.trainer.load(weights[0]!);
  return { ...result, best: { ...choice, weights: weights[0]! } };
}

describe('fineTune', () => {
  it('learns, without a label, to look past the noise of the camera', async () => {
    const seen: number[] = [];
    const trainer = createLinearTrainer(INPUTS, DIMENSION);
    const result = await learn(input({ trainer, onProgress: ({ loss }) => seen.push(loss) }));
    expect(result.stopped).toBe('finished');
    expect(result.steps).toBe(seen.length);
    expect(result.best.score!).toBeGreaterThan(result.baseScore! + 0.1);
    expect(flat(await trainer.weights())).toEqual(flat(result.best.weights));
    expect(seen.slice(-5).reduce((a, b) => a + b) / 5).toBeLessThan(seen.slice(0, 5).reduce((a, b) => a + b) / 5);
  });

  it('learns the same however the scheduler cuts the batches, and gives way while it says 0', async () => {
    const whole = await learn(input());
    let call = 0;
    const asked: number[] = [];
    const cut = await learn(
      input({
        nextBatchSize: async () => [0, 7, 3, 0, 100][call++ % 5]!,
        onProgress: ({ microBatch }) => asked.push(microBatch),
      }),
    );
    expect(cut.steps).toBe(whole.steps);
    expect(Math.max(...asked)).toBeLessThanOrEqual(24);
    flat(cut.best.weights).forEach((v, i) => {
      expect(v).toBeCloseTo(flat(whole.best.weights)[i]!, 4);
    });
  });

  it('goes on after a restart as if nothing had happened', async () => {
    const whole = await learn(input());
    let saved: FineTuneState | undefined;
    const abort = new AbortController();
    const first = await learn(
      input({
        signal: abort.signal,
        onCheckpoint: async (state) => {
          if (state.step < 10) return;
          saved = structuredClone(state);
          abort.abort();
        },
      }),
    );
    expect(first.stopped).toBe('aborted');
    const second = await learn(input({ resume: saved! }));
    expect(second.steps).toBe(whole.steps);
    expect(flat(second.best.weights)).toEqual(flat(whole.best.weights));
  });

  it('keeps the weights it began with when training only harms', async () => {
    const trainer = createLinearTrainer(INPUTS, DIMENSION);
    const before = flat(await trainer.weights());
    const harm = { ...options, learningRate: -0.05, patience: 3 };
    const result = await learn(input({ trainer, options: harm }));
    expect(result).toMatchObject({ stopped: 'no-gain', best: { share: 0 } });
    expect(flat(await trainer.weights())).toEqual(before);
  });

  it('whitens the last layer without a single update where that alone scores higher', async () => {
    const trainer = createLinearTrainer(INPUTS, DIMENSION);
    const quiet = { ...options, passes: 0, whitening: [{ shrinkage: 0.1, emphasis: 0, centring: 0 }] };
    const result = await learn(input({ trainer, options: quiet }));
    expect(result).toMatchObject({ steps: 0, best: { whitening: { shrinkage: 0.1, emphasis: 0, centring: 0 } } });
    expect(result.best.score).toBeGreaterThan(result.baseScore!);
    expect(flat(await trainer.weights())).toEqual(flat(result.best.weights));
  });

  it('leaves the last layer alone where whitening does not score higher', async () => {
    // With all of the variation believed to be even, whitening changes nothing.
    const idle = { ...options, passes: 0, whitening: [{ shrinkage: 1, emphasis: 0, centring: 0 }] };
    const result = await learn(input({ options: idle }));
    expect(result).toMatchObject({ best: { whitening: null, share: 0 } });
  });

  it('whitens what altered copies have been brought together in, where there are any', async () => {
    const { bank, training, heldOut } = split();
    const copied = copies([3]);
    // All of the variation is believed to be even, so that nothing but the copies changes a direction.
    const quiet = { ...options, passes: 0, whitening: [{ shrinkage: 1, emphasis: 0, centring: 0 }] };
    const result = await learn(input({ bank, training, heldOut, copies: copied.copies, options: quiet }));
    expect(result.best).toMatchObject({ share: 0, whitening: { shrinkage: 1 } });
    const kept = Array.from({ length: INPUTS }, (_, k) => flat(result.best.weights)[k * INPUTS + k]!);
    for (const [k, weight] of kept.entries()) if (k !== 3) expect(kept[3]).toBeLessThan(0.5 * weight);
    // Copies of what is held out teach nothing.
    expect(heldOut.probes.filter(({ row }) => copied.asked.has(row))).toEqual([]);
  });

  it('makes altered copies alike before triplets teach, and keeps that where held-out tracks do not speak against it', async () => {
    // Noise that copies differ in as well is no matter of who it is; what tells people apart is.
    const consistency = { steps: 60, batch: 32, rate: 0.05 };
    const quiet = { ...options, passes: 0, consistency };
    const helped = await learn(input({ copies: copies([2, 3, 4, 5]).copies, options: quiet }));
    expect(helped).toMatchObject({ consistencySteps: 60, steps: 0, best: { consistent: true, share: 0 } });
    expect(helped.best.score!).toBeGreaterThan(helped.baseScore!);
    const trainer = createLinearTrainer(INPUTS, DIMENSION);
    const before = flat(await trainer.weights());
    const harmed = await learn(input({ trainer, copies: copies([0, 1]).copies, options: quiet }));
    expect(harmed).toMatchObject({ consistencySteps: 60, best: { consistent: false } });
    expect(flat(await trainer.weights())).toEqual(before);
    expect(harmed.baseScore).toBe(helped.baseScore);
  });

  it('does not make copies alike once more after a restart', async () => {
    const copied = {
      copies: copies([3]).copies,
      options: { ...options, consistency: { steps: 20, batch: 16, rate: 0.02 } },
    };
    const whole = await learn(input(copied));
    let saved: FineTuneState | undefined;
    const abort = new AbortController();
    await learn(
      input({
        ...copied,
        signal: abort.signal,
        onCheckpoint: async (state) => {
          saved = structuredClone(state);
          abort.abort();
        },
      }),
    );
    let again = 0;
    const second = await learn(input({ ...copied, resume: saved!, onConsistency: () => again++ }));
    expect(again).toBe(0);
    expect(second.consistencySteps).toBe(20);
    expect(flat(second.best.weights)).toEqual(flat(whole.best.weights));
  });

  it('goes back part of the way when the end of the way is too far', async () => {
    // One weight that every update raises by 1; the noise of the camera is cancelled when it is 3.
    let w = 0;
    const trainer: Trainer = {
      featureShape: [INPUTS],
      step: async (features) => {
        w += 1;
        return { loss: 1, active: features.length / INPUTS / 3 };
      },
      approach: async () => ({ loss: 0, gradient: new Map() }),
      embed: async (features) => features.map((v, i) => (i % INPUTS < 2 ? v : v * (1 - w / 3))),
      weights: async () => new Map([['w', Float32Array.of(w)]]),
      load: async (weights) => {
        w = weights.get('w')![0]!;
      },
      rest: async () => {},
      projected: async () => null,
      centred: async () => null,
      evening: async () => null,
      export: async () => new Uint8Array(0),
      dispose: async () => {},
    };
    let end = 0;
    const result = await learn(
      input({
        trainer,
        options: { ...options, evaluateEvery: 1000 },
        onCheckpoint: async ({ average }) => {
          end = flat(average)[0]!;
        },
      }),
    );
    expect(end).toBeGreaterThan(8);
    expect([0.15, 0.3, 0.5]).toContain(result.best.share);
    expect(result.best.score!).toBeGreaterThan(result.baseScore!);
    expect(w).toBeCloseTo(result.best.share * end, 4);
  });

  it('stops and keeps the best when the weights blow up', async () => {
    const result = await learn(input({ options: { ...options, learningRate: 1e30 } }));
    expect(result.stopped).toBe('diverged');
    expect(flat(result.best.weights).every(Number.isFinite)).toBe(true);
  });

  it('says so when there is nothing to learn from, and still runs when nothing can be scored', async () => {
    const { heldOut, training } = split();
    const lonely = buildLearningSet(observe({ a: range(0, 30) }));
    expect(await learn(input({ training: lonely }))).toMatchObject({ stopped: 'no-triplets', steps: 0 });
    const unscored = await learn(input({ heldOut: { probes: [], tracks: [] } }));
    expect(unscored).toMatchObject({ stopped: 'finished', baseScore: null, best: { score: null } });
    expect(unscored.best.share).toBe(1);
    expect(heldOut.tracks.length + training.tracks.length).toBe(10);
  });

  it('refuses features of another cut', async () => {
    const bank = { sampleSize: 5, read: () => new Float32Array(0) };
    await expect(fineTune(input({ bank }))).rejects.toThrow(/hold 5 numbers a probe, but the learner takes 6/);
  });

  it('warms up and decays the learning rate', () => {
    const o = { learningRate: 1, warmUpSteps: 4, finalRate: 0.1 };
    const rates = range(0, 21).map((step) => rateAt(step, 20, o));
    expect(rates.slice(0, 4)).toEqual([0.2, 0.4, 0.6, 0.8]);
    expect(Math.max(...rates)).toBe(1);
    expect(rates.at(-1)).toBeCloseTo(0.1);
    for (let i = 5; i < rates.length; i++) expect(rates[i]!).toBeLessThanOrEqual(rates[i - 1]!);
  });
});
