import { describe, expect, it } from 'vitest';
import { partsOfRecording } from './adapt.ts';
import { type CrossFitInput, type CrossFitState, crossFit, cutRecording, stepsOf } from './cross-fit.ts';
import { fineTuneOptionsFor } from './defaults.ts';
import { buildScorePairs, labelFreeScore } from './label-free-score.ts';
import { timeBlocks } from './split.ts';
import { createLinearTrainer, DIMENSION, INPUTS, noisyCamera } from './testing-trainer.ts';
import { meanWeights, type Weights } from './weights.ts';

const options = {
  ...fineTuneOptionsFor('euclidean'),
  stepShare: null,
  learningRate: 0.02,
  momentum: 0,
  basePull: 1e-3,
  margin: 0.5,
  passes: 4,
  emaDecay: 0.6,
  evaluateEvery: 2,
  patience: 100,
  scoring: { minGap: 10 },
  whitening: null,
};
const PARTS = 5;

const input = (changes: Partial<CrossFitInput> = {}): CrossFitInput => ({
  trainer: createLinearTrainer(INPUTS, DIMENSION),
  ...noisyCamera(),
  parts: PARTS,
  trainings: PARTS,
  options,
  ...changes,
});

const flat = (weights: Weights) => [...weights.get('w')!];

describe('crossFit', () => {
  it('trains once without each part, judges the part by that, and ends with the mean of all', async () => {
    const given = input();
    const { trainings, choice, judged, before, after, changed } = await crossFit(given);
    expect(trainings).toHaveLength(PARTS);
    expect(changed).toBe(true);
    expect(flat(await given.trainer.weights())).toEqual(flat(meanWeights(choice!.weights)));
    const blocks = timeBlocks(given.set, PARTS);
    for (const probe of [0, 150, judged.probes.length - 1]) {
      const { row, track } = judged.probes[probe]!;
      await given.trainer.load(choice!.weights[blocks[track]!]!);
      const alone = await given.trainer.embed(Float32Array.from(await given.bank.read([row])));
      expect([...after.subarray(probe * DIMENSION, (probe + 1) * DIMENSION)]).toEqual([...alone]);
    }
    const score = { dimension: DIMENSION };
    const pairs = buildScorePairs(judged, { minGap: 10 })!;
    expect(labelFreeScore(pairs, after, score).accuracy).toBeGreaterThan(
      labelFreeScore(pairs, before, score).accuracy + 0.1,
    );
  });

  it('is a plain hold-out of the oldest part when it trains once', async () => {
    const given = input({ trainings: 1 });
    const { trainings, tracks, judged, after } = await crossFit(given);
    expect(trainings).toHaveLength(1);
    expect(tracks).toBe(8);
    expect(judged.tracks.map(({ key }) => key)).toEqual(['p0', 'p1']);
    const rows = judged.probes.map(({ row }) => row);
    expect([...after]).toEqual([...(await given.trainer.embed(Float32Array.from(await given.bank.read(rows))))]);
  });

  it('has one more training learn from all parts, which judges nothing and counts in the mean', async () => {
    const given = input({ trainings: 3, parts: 3, withAll: true });
    const { trainings, choice, tracks, judged, after, changed } = await crossFit(given);
    expect(changed).toBe(true);
    expect(trainings).toHaveLength(4);
    expect(tracks).toBe(given.set.tracks.length);
    expect(judged.tracks).toHaveLength(given.set.tracks.length);
    expect(flat(await given.trainer.weights())).toEqual(flat(meanWeights(choice!.weights)));
    const without = await crossFit(input({ trainings: 3, parts: 3 }));
    expect([...after]).toEqual([...without.after]);
    expect(flat(meanWeights(without.choice!.weights))).not.toEqual(flat(meanWeights(choice!.weights)));
  });

  it('goes on after a restart in the middle of the training on all parts', async () => {
    const plan = { trainings: 3, parts: 3, withAll: true } as const;
    const whole = input(plan);
    await crossFit(whole);
    let saved: CrossFitState | undefined;
    const abort = new AbortController();
    const onCheckpoint = async (state: CrossFitState) => {
      if (saved || state.finished.length < 3 || state.fineTune === null) return;
      saved = structuredClone(state);
      abort.abort();
    };
    const stopped = await crossFit(input({ ...plan, signal: abort.signal, onCheckpoint }));
    expect(stopped.trainings.at(-1)!.stopped).toBe('aborted');
    expect(stopped.changed).toBe(false);
    const again = input({ ...plan, resume: saved! });
    await crossFit(again);
    expect(flat(await again.trainer.weights())).toEqual(flat(await whole.trainer.weights()));
  });

  it('whitens after a training on all parts as after the others', async () => {
    const whitening = [{ shrinkage: 0.1, emphasis: 0, centring: 0 }];
    const { choice } = await crossFit(
      input({ trainings: 3, parts: 3, withAll: true, options: { ...options, whitening } }),
    );
    expect(choice?.whitening).toEqual(whitening[0]);
    expect(choice!.weights).toHaveLength(4);
  });

  it('lets every track of a short recording judge, and a fifth of a long one', () => {
    const { set } = noisyCamera();
    const some = (count: number) => ({ ...set, tracks: Array.from({ length: count }, () => set.tracks[0]!) });
    expect(partsOfRecording(some(29))).toEqual({ parts: 3, trainings: 3, withAll: true });
    expect(partsOfRecording(some(30))).toEqual({ parts: 5, trainings: 1, withAll: false });
    const { splits, judged } = cutRecording(set, partsOfRecording(set));
    expect(splits).toHaveLength(4);
    expect(judged.tracks.map(({ key }) => key)).toEqual(set.tracks.map(({ key }) => key));
  });

  it('goes on after a restart in the middle of a training, and between two', async () => {
    const whole = input();
    const expected = await crossFit(whole);
    for (const stopAt of [(s: CrossFitState) => s.finished.length === 2 && s.fineTune !== null, between]) {
      let saved: CrossFitState | undefined;
      const abort = new AbortController();
      const first = await crossFit(
        input({
          signal: abort.signal,
          onCheckpoint: async (state) => {
            if (saved || !stopAt(state)) return;
            saved = structuredClone(state);
            abort.abort();
          },
        }),
      );
      expect(first.trainings.at(-1)!.stopped).toBe('aborted');
      const again = input({ resume: saved! });
      const second = await crossFit(again);
      expect(stepsOf(second)).toBe(stepsOf(expected));
      expect(flat(await again.trainer.weights())).toEqual(flat(await whole.trainer.weights()));
    }
  });

  it('counts steps over all trainings', async () => {
    const steps: number[] = [];
    const totals: number[] = [];
    const result = await crossFit(
      input({
        onProgress: ({ step, totalSteps }) => {
          steps.push(step);
          totals.push(totalSteps);
        },
      }),
    );
    expect(steps).toEqual(steps.map((_, i) => i + 1));
    expect(steps.at(-1)).toBe(stepsOf(result));
    expect(totals.every((total, i) => total >= steps[i]!)).toBe(true);
  });

  it('changes nothing where nobody was seen beside somebody else', async () => {
    const { set, ...rest } = input();
    const lonely = { ...set, tracks: set.tracks.map((track) => ({ ...track, strangers: [] })) };
    const moments = { ...lonely, probes: set.probes.map((probe, moment) => ({ ...probe, moment })) };
    const { changed, trainings } = await crossFit({ ...rest, set: moments });
    expect(changed).toBe(false);
    expect(trainings.every(({ stopped }) => stopped === 'no-triplets')).toBe(true);
  });

  it('holds the first weights where training only harms', async () => {
    const given = input({ options: { ...options, learningRate: -0.05, patience: 3 } });
    const first = flat(await given.trainer.weights());
    const { changed, before, after } = await crossFit(given);
    expect(changed).toBe(false);
    expect(after).toEqual(before);
    expect(flat(await given.trainer.weights())).toEqual(first);
  });
});

function between({ finished, fineTune }: CrossFitState): boolean {
  return finished.length === 2 && fineTune === null;
}
