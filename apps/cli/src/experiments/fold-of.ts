import { type LearningSet, regroup, SafaceError, TRACK_MIN_LENGTH, type Trainer } from '@saface/core';
import { type VerificationFigures, verify } from '../offline/evaluate.ts';
import type { Cell } from './cell.ts';

/**
 * One part of the first five sixths, and what tracks showed before and after, as a camera knows people who are still there. The last
 * sixth, which tables report, is in neither.
 */
export interface Fold {
  /** From the first frame (included) to the last (not). */
  readonly frames: readonly [from: number, to: number];
  /** Tracks outside, cut off where they reach inside. */
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
    set: outside(set, { from, to }),
    measure: (learner) => verify(watched, labels, { learner, spec: model.spec, fromFrame: 0 }).catch(nullWithoutPairs),
  };
}

function outside(set: LearningSet, { from, to }: { from: number; to: number }): LearningSet {
  const parts = set.tracks.flatMap(({ key, probes }, track) =>
    [probes.filter((p) => set.probes[p].frame < from), probes.filter((p) => set.probes[p].frame >= to)]
      .filter((part) => part.length >= TRACK_MIN_LENGTH)
      .map((part, i) => ({ key: part.length === probes.length ? key : `${key}/${i}`, probes: part, from: track })),
  );
  return regroup(set, parts);
}

function nullWithoutPairs(error: unknown): null {
  if (error instanceof SafaceError && error.code === 'invalid-input') return null;
  throw error;
}
