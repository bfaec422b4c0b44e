import {
  allFinite,
  embedProbes,
  type FineTuneOptions,
  fineTune,
  type LearningSet,
  subset,
  type Trainer,
} from '@saface/core';
import { type Cell, openTrainer } from './cell.ts';
import { fineTuneOptions } from './learn-cell.ts';

/** Algorithm 1 to the letter: the hardest pairs of a frame at a fixed rate, and nothing that holds the weights. */
const toTheLetter: Partial<FineTuneOptions> = {
  stepShare: null,
  basePull: 0,
  emaDecay: 0,
  warmUpSteps: 0,
  finalRate: 1,
  passes: 1,
};
const hardest: Partial<FineTuneOptions['triplets']> = {
  negatives: 'same-frame',
  selection: 'exact',
  positiveQuantile: 1,
  negativeQuantile: 0,
};

/**
 * Training that goes on from its own last weights, pass after pass, and would serve whatever it makes: what score, regularisation
 * and gate are there against.
 */
export interface NaiveLine {
  /** Holds the weights of the last pass. */
  readonly trainer: Trainer;
  /** One more pass on all of the cell's tracks but those that judge, and embeddings of these; null once training has gone astray. */
  goOn(judged: LearningSet): Promise<Float32Array | null>;
  dispose(): Promise<void>;
}

export async function openNaiveLine(cell: Cell, seed: number): Promise<NaiveLine> {
  const trainer = await openTrainer(cell.model);
  let pass = 0;
  let astray = false;
  return {
    trainer,
    async goOn(judged) {
      if (astray) return null;
      pass += 1;
      const judges = new Set(judged.tracks.map(({ key }) => key));
      const training = subset(cell.set, ({ key }) => !judges.has(key));
      const { stopped } = await fineTune({
        trainer,
        bank: cell.bank,
        // Where every track judges, every track teaches.
        training: training.tracks.length > 0 ? training : cell.set,
        heldOut: subset(cell.set, () => false),
        options: fineTuneOptions(cell, {
          seed: seed * 1000 + pass,
          change: { fineTune: toTheLetter, triplets: hardest },
        }),
      });
      const rows = judged.probes.map(({ row }) => row);
      const { values } = await embedProbes(trainer, cell.bank, rows);
      astray = stopped === 'diverged' || !allFinite(values);
      return astray ? null : values;
    },
    dispose: () => trainer.dispose(),
  };
}
