import { type LearningSet, SafaceError, subset, type Trainer } from '@saface/core';
import { type VerificationFigures, verify } from '../offline/evaluate.ts';
import type { Cell } from './cell.ts';

/** One part of the first five sixths, and the tracks of the others. The last sixth, which tables report, is in neither. */
export interface Fold {
  /** From the first frame (included) to the last (not). */
  readonly frames: readonly [from: number, to: number];
  /** Tracks that lie entirely outside. */
  readonly set: LearningSet;
  /** Verification on these frames with the labels; null where fewer than two people are labelled. */
  measure(embedder: Pick<Trainer, 'embed'>): Promise<VerificationFigures | null>;
}

export function foldOf(cell: Cell, number: number, count: number): Fold {
  const { sighting, bank, model, testFrom, set } = cell;
  const [from, to] = [number, number + 1].map((edge) => Math.round((testFrom * edge) / count));
  const inside = (frame: number) => frame >= from && frame < to;
  const labels = sighting.labels.map((label, row) => (inside(sighting.probes[row].frame) ? label : null));
  const watched = { probes: sighting.probes, features: bank };
  return {
    frames: [from, to],
    set: subset(set, ({ probes }) => probes.every((p) => !inside(set.probes[p].frame))),
    measure: (learner) => verify(watched, labels, { learner, spec: model.spec, fromFrame: 0 }).catch(nullWithoutPairs),
  };
}

function nullWithoutPairs(error: unknown): null {
  if (error instanceof SafaceError && error.code === 'invalid-input') return null;
  throw error;
}
