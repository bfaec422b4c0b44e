import {
  buildScorePairs,
  copyWeights,
  embedProbes,
  fineTuneOptionsFor,
  type LearningSet,
  type Metric,
  rankStatistic,
  scoreDistances,
  stepsOf,
  type Trainer,
  tripletsOf,
} from '@saface/core';
import type { VerificationFigures } from '../offline/evaluate.ts';
import { type Cell, openTrainer } from './cell.ts';
import { type LearningChange, learnCell } from './learn-cell.ts';
import { type NaiveLine, openNaiveLine } from './naive-line.ts';

/** A state of the model that the experiment looked at, served or not. */
export interface VersionRecord {
  /** 0 = the base model. */
  readonly pass: number;
  /** `candidate`: what the gate judged. `naive`: what nothing holds, see `NaiveLine`. */
  readonly kind: 'base' | 'candidate' | 'naive';
  readonly promoted: boolean;
  /** What ranks candidates without labels: mean of accuracy and area under the curve on held-out tracks; null = nothing to tell by. */
  readonly labelFree: number | null;
  /** The same of the tracks of the last sixth, which accuracy is measured on: what is left of the difference is the score's own. */
  readonly labelFreeUnseen: number | null;
  /** On the last sixth, with labels; for the report alone. */
  readonly accuracy: number;
  /** Labelled accuracy of the version served when this one was made. */
  readonly parentAccuracy: number | null;
  readonly reason: string | null;
}

export interface PassesResult {
  readonly base: VerificationFigures;
  /** Of the version served after the first pass, and after the last. */
  readonly first: VerificationFigures;
  readonly last: VerificationFigures;
  readonly versions: readonly VersionRecord[];
  /** Pass in which the naive line stopped making numbers; null = it did not, or there is none. */
  readonly naiveAstray: number | null;
  readonly steps: number;
  readonly triplets: number;
  readonly seconds: number;
  readonly joined: number;
  readonly leftOut: readonly { readonly trackKey: string; readonly reason: string; readonly detail: string }[];
}

export interface PassesPlan {
  readonly passes: number;
  readonly seed: number;
  readonly change?: LearningChange;
  readonly onPass?: (pass: number, record: VersionRecord) => void;
}

/**
 * Learning goes on from the served version, pass after pass, though nothing new was seen; each candidate stands before the
 * gate, and only what passes is served. Where there are several, training that nothing holds goes on beside it. Labels measure every
 * version and decide nothing.
 */
export async function runPasses(cell: Cell, { passes, seed, change, onPass }: PassesPlan): Promise<PassesResult> {
  const started = performance.now();
  const { metric } = cell.model.spec;
  const trainer = await openTrainer(cell.model);
  let naive: NaiveLine | null = null;
  let naiveAstray: number | null = null;
  try {
    if (passes > 1) naive = await openNaiveLine(cell, seed);
    let champion = copyWeights(await trainer.weights());
    const base = await cell.measure(trainer);
    let served = base;
    let first = base;
    let steps = 0;
    let triplets = 0;
    let cleaned: Pick<PassesResult, 'joined' | 'leftOut'> = { joined: 0, leftOut: [] };
    const versions: VersionRecord[] = [];
    for (let pass = 1; pass <= passes; pass++) {
      // Momentum is a memory too: each pass begins without the last one's.
      const fresh = await openTrainer(cell.model, champion);
      try {
        const adaptation = await learnCell(cell, {
          trainer: fresh,
          seed: seed * 1000 + pass,
          change,
          attempts: pass - 1,
        });
        const { crossFit, verdict } = adaptation;
        steps += stepsOf(crossFit);
        triplets = Math.max(triplets, tripletsOf(crossFit));
        cleaned = { joined: adaptation.cleaned.joined.length, leftOut: adaptation.cleaned.leftOut };
        const record = async (
          kind: VersionRecord['kind'],
          promoted: boolean,
          embeddings: Float32Array | null,
          embedder: Pick<Trainer, 'embed'> = fresh,
        ): Promise<VerificationFigures> => {
          const figures = await cell.measure(embedder);
          const rows = cell.unseen.probes.map(({ row }) => row);
          const unseen = await embedProbes(embedder, cell.bank, rows);
          const version = {
            pass: kind === 'base' ? 0 : pass,
            kind,
            promoted,
            labelFree:
              embeddings &&
              labelFreeRank(crossFit.judged, { values: embeddings, dimension: crossFit.dimension, metric }),
            labelFreeUnseen: labelFreeRank(cell.unseen, { ...unseen, metric }),
            accuracy: figures.accuracy,
            parentAccuracy: kind === 'base' ? null : served.accuracy,
            reason: kind === 'candidate' ? verdict.reason : null,
          };
          versions.push(version);
          onPass?.(pass, version);
          return figures;
        };
        const candidate = copyWeights(await fresh.weights());
        if (pass === 1) {
          await fresh.load(champion);
          await record('base', true, crossFit.before);
        }
        const { judged, trainings } = crossFit;
        const unheld = await naive?.goOn(judged);
        // Of several trainings each did without other judges; the line has seen them all.
        if (unheld) await record('naive', false, trainings.length === 1 ? unheld : null, naive!.trainer);
        if (unheld === null) naiveAstray ??= pass;
        if (crossFit.changed) {
          await fresh.load(candidate);
          const figures = await record('candidate', verdict.passed, crossFit.after);
          if (verdict.passed) {
            champion = candidate;
            served = figures;
          }
        }
        if (pass === 1) first = served;
      } finally {
        await fresh.dispose();
      }
    }
    const seconds = (performance.now() - started) / 1000;
    return { base, first, last: served, versions, naiveAstray, steps, triplets, seconds, ...cleaned };
  } finally {
    await naive?.dispose();
    await trainer.dispose();
  }
}

interface Embedded {
  /** Of the set's probes, in their order. */
  readonly values: Float32Array;
  readonly dimension: number;
  readonly metric: Metric;
}

function labelFreeRank(set: LearningSet, { values, dimension, metric }: Embedded): number | null {
  const pairs = buildScorePairs(set, fineTuneOptionsFor(metric).scoring);
  return pairs && rankStatistic(scoreDistances(pairs, values, { dimension, metric }));
}
