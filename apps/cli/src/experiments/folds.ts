import { type CentringOptions, labelFreeErrorCut } from '@saface/core';
import { errorCut, type VerificationFigures } from '../offline/evaluate.ts';
import { progress } from '../output.ts';
import { openCell, openTrainer } from './cell.ts';
import { foldOf } from './fold-of.ts';
import { type LearningChange, learnCell } from './learn-cell.ts';
import type { ModelName } from './models.ts';
import type { SceneName } from './scenes.ts';

export interface FoldsOptions {
  readonly model: ModelName;
  readonly scene: SceneName;
  /** Of a simulated scene; see TUNING_WORLD. */
  readonly world: number;
  readonly folds: number;
  readonly seed: number;
  /** As `CellPlan.cut`. */
  readonly cut?: number;
  readonly change?: LearningChange;
}

export interface FoldResult {
  readonly frames: readonly [from: number, to: number];
  readonly tracks: number;
  readonly before: VerificationFigures;
  readonly after: VerificationFigures;
  /** Part of the way from the base weights to the trained ones, chosen without labels. */
  readonly share: number;
  /** How faces were centred by the conditions that they were seen under; null = as before. */
  readonly centring: CentringOptions | null;
  /** Whether the last layer was whitened. */
  readonly whitened: boolean;
  /** Share of the error that is gone on the held-out tracks, as the gate saw it; null = nothing to judge. */
  readonly labelFreeCut: number | null;
  readonly passed: boolean;
}

/**
 * What settings are chosen by: the last sixth, which tables report, is left alone, and each fold of the rest is tested with a
 * learner that learnt from the tracks of the others. Folds in which fewer than two people are labelled are left out.
 */
export async function folds({ model, scene, world, folds: count, seed, cut, change }: FoldsOptions) {
  const cell = await openCell({ scene, world, model, cut });
  const found: FoldResult[] = [];
  for (let i = 0; i < count; i++) {
    const { frames, set, measure } = foldOf(cell, i, count);
    const trainer = await openTrainer(cell.model);
    try {
      const before = await measure(trainer);
      if (before === null) continue;
      progress(`fold ${i + 1} of ${count}: frames ${frames.join(' to ')}`);
      const { verdict, crossFit } = await learnCell(cell, { trainer, seed, set, change });
      const after = await measure(trainer);
      if (after === null) continue;
      const { champion, candidate } = verdict;
      found.push({
        frames,
        tracks: set.tracks.length,
        before,
        after,
        centring: crossFit.choice?.centring ?? null,
        share: crossFit.choice?.share ?? 0,
        whitened: crossFit.choice?.whitening != null,
        labelFreeCut: champion && candidate ? labelFreeErrorCut(champion, candidate) : null,
        passed: verdict.passed,
      });
    } finally {
      await trainer.dispose();
    }
  }
  const mean = (pick: (fold: FoldResult) => number) => found.reduce((sum, fold) => sum + pick(fold), 0) / found.length;
  const [before, after] = [mean((f) => f.before.accuracy), mean((f) => f.after.accuracy)];
  return {
    model,
    scene,
    world,
    frozen: cell.model.frozenConvolutions,
    before,
    after,
    errorCut: errorCut(before, after),
    folds: found,
  };
}

export type FoldsReport = Awaited<ReturnType<typeof folds>>;
