import type { ModelName } from './models.ts';
import type { PassesResult } from './passes.ts';
import type { SceneName } from './scenes.ts';
import { correlation, rankCorrelation } from './statistics.ts';

/** How a cell fared while learning went on for many passes. */
export interface Steadiness {
  readonly model: ModelName;
  readonly scene: SceneName;
  readonly base: number;
  readonly last: number;
  readonly promotions: number;
  readonly candidates: number;
  /** Least labelled gain of a served version over the one it replaced (0 without promotions), and over the base. */
  readonly worstAgainstParent: number;
  readonly worstAgainstBase: number;
  /** Lowest labelled accuracy of training that nothing holds, see `NaiveLine`, and the pass in which it stopped making numbers, if it did. */
  readonly worstNaive: number | null;
  readonly naiveAstray: number | null;
  /** Spearman, label-free score against labelled accuracy over all versions: base, served, rejected, and those that nothing holds where the judge can tell. */
  readonly rankCorrelations: Readonly<Record<Judge, number | null>>;
  /** By the held-out tracks, without those that nothing holds. */
  readonly rankCorrelationOfCandidates: number | null;
  /** Pearson, of the same: versions that are as good as each other have no order, but all are far from those that are worse. */
  readonly correlation: number | null;
  readonly versions: PassesResult['versions'];
}

type Version = PassesResult['versions'][number];

/** Whose tracks give a version its label-free score; the score is null where these cannot tell. */
export const judges = {
  /** The gate's: tracks that were kept from learning. */
  heldOut: ({ labelFree }: Version) => labelFree,
  /** The tracks of the last sixth: those that pass once it serves, the very people whom accuracy is measured on. */
  unseen: ({ labelFreeUnseen }: Version) => labelFreeUnseen,
  /** The mean: twice the people, none of whom training has seen. */
  both: ({ labelFree, labelFreeUnseen }: Version) =>
    labelFree === null || labelFreeUnseen === null ? null : (labelFree + labelFreeUnseen) / 2,
};
export type Judge = keyof typeof judges;

export function byJudge<T>(of: (judge: Judge) => T): Record<Judge, T> {
  return { heldOut: of('heldOut'), unseen: of('unseen'), both: of('both') };
}

/** Label-free score and labelled accuracy of the versions that have both. */
export function scoreAgainstLabels(versions: PassesResult['versions'], judge: Judge): [number, number][] {
  return versions.flatMap((version) => {
    const score = judges[judge](version);
    return score === null ? [] : [[score, version.accuracy]];
  });
}

/** The same as gains over the cell's base: cameras differ in how hard they are, and held-out people in how hard these are to tell apart. */
export function gainsAgainstLabels(versions: PassesResult['versions'], judge: Judge): [number, number][] {
  const base = versions.filter(({ kind }) => kind === 'base');
  const [from] = scoreAgainstLabels(base, judge);
  if (!from) return [];
  return scoreAgainstLabels(versions, judge).map(([score, accuracy]) => [score - from[0], accuracy - from[1]]);
}

/** All but those that nothing holds. */
export function heldVersions(versions: PassesResult['versions']) {
  return versions.filter(({ kind }) => kind !== 'naive');
}

export function steadinessOf(of: Pick<Steadiness, 'model' | 'scene'>, result: PassesResult): Steadiness {
  const { versions, base, last } = result;
  const served = versions.filter(({ kind, promoted }) => kind === 'candidate' && promoted);
  const naive = versions.filter(({ kind }) => kind === 'naive');
  const least = (values: readonly number[]) => (values.length > 0 ? Math.min(...values) : 0);
  return {
    ...of,
    base: base.accuracy,
    last: last.accuracy,
    promotions: served.length,
    candidates: versions.filter(({ kind }) => kind === 'candidate').length,
    worstAgainstParent: least(served.map((v) => v.accuracy - (v.parentAccuracy ?? base.accuracy))),
    worstAgainstBase: least(served.map((v) => v.accuracy - base.accuracy)),
    naiveAstray: result.naiveAstray,
    worstNaive: naive.length > 0 ? least(naive.map((v) => v.accuracy)) : null,
    rankCorrelations: byJudge((judge) => rankCorrelation(scoreAgainstLabels(versions, judge))),
    rankCorrelationOfCandidates: rankCorrelation(scoreAgainstLabels(heldVersions(versions), 'heldOut')),
    correlation: correlation(scoreAgainstLabels(versions, 'heldOut')),
    versions,
  };
}
