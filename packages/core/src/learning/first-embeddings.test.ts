import { expect, it } from 'vitest';
import { type AdaptInput, adaptLearner, defaultAdaptOptions } from './adapt.ts';
import { fineTuneOptionsFor } from './defaults.ts';
import { FirstEmbeddings } from './first-embeddings.ts';
import { createLinearTrainer, DIMENSION, INPUTS, noisyCamera } from './testing-trainer.ts';

/** A camera and a learner, and what was read from the bank to be embedded under the learner's first weights. */
async function watched() {
  const trainer = createLinearTrainer(INPUTS, DIMENSION);
  const { bank, set } = noisyCamera();
  const first = (await trainer.weights()).get('w')!.join();
  const embedded: number[] = [];
  let asked: number[] = [];
  return {
    set,
    embedded,
    bank: {
      ...bank,
      read: (rows: ArrayLike<number>) => {
        asked = Array.from(rows);
        return bank.read(rows);
      },
    },
    trainer: {
      ...trainer,
      embed: async (features: Float32Array) => {
        if ((await trainer.weights()).get('w')!.join() === first) embedded.push(...asked);
        return trainer.embed(features);
      },
    },
  };
}

it('gives what the trainer would, under first weights and others, in any order and twice the same', async () => {
  const { bank, trainer } = await watched();
  const first = new FirstEmbeddings(await trainer.weights());
  const plain = async (rows: number[]) => [...(await trainer.embed(Float32Array.from(await bank.read(rows))))];
  const kept = async (rows: number[]) => [...(await first.embed({ trainer, bank }, rows)).values];
  for (const rows of [[3, 1], [], [1, 7, 3, 7]]) expect(await kept(rows)).toEqual(await plain(rows));
  const [[name, weights]] = [...(await trainer.weights())] as [[string, Float32Array]];
  await trainer.load(new Map([[name, weights.map((weight) => 2 * weight + 1)]]));
  expect(await kept([1, 7])).toEqual(await plain([1, 7]));
  await trainer.load(new Map([[name, weights]]));
  expect(await kept([1, 7])).toEqual(await plain([1, 7]));
});

it('embeds each probe once under the first weights in a whole run', async () => {
  const { bank, trainer, set, embedded } = await watched();
  const options = {
    ...fineTuneOptionsFor('euclidean'),
    stepShare: null,
    learningRate: 0.02,
    margin: 0.5,
    scoring: { minGap: 10 },
  };
  const input: AdaptInput = {
    trainer,
    bank,
    set,
    options,
    adapt: { ...defaultAdaptOptions, metric: 'euclidean', parts: 5, trainings: 5, withAll: true },
    enrolled: null,
    championThreshold: 1,
  };
  const { crossFit } = await adaptLearner(input);
  expect(crossFit.trainings).toHaveLength(6);
  expect(embedded.length).toBe(set.probes.length);
  expect(new Set(embedded).size).toBe(set.probes.length);
});
