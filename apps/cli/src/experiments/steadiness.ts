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
  /** Spearman, label-free score against labelled accuracy over all versions: base, served, rejected, and those that nothing holds where held-out tracks can judge them. */
  readonly rankCorrelation: number | null;
  /** The same without those that nothing holds. */
  readonly rankCorrelationOfCandidates: number | null;
  /** Spearman, of all versions, by the label-free score of the tracks of the last sixth: the same people on either side. */
  readonly rankCorrelationUnseen: number | null;
  /** By the mean of both scores. */
  readonly rankCorrelationOfBoth: number | null;
  /** Pearson, of the same: versions that are as good as each other have no order, but all are far from those that are worse. */
  readonly correlation: number | null;
  readonly versions: PassesResult['versions'];
}

type Version = PassesResult['versions'][number];

/** Label-free scores of a version, by the tracks that they judge by; null = these cannot tell. */
export const scores = {
  heldOut: ({ labelFree }: Version) => labelFree,
  unseen: ({ labelFreeUnseen }: Version) => labelFreeUnseen,
  /** The mean: twice the people, none of whom training has seen. */
  both: ({ labelFree, labelFreeUnseen }: Version) =>
    labelFree === null || labelFreeUnseen === null ? null : (labelFree + labelFreeUnseen) / 2,
};

/** Label-free score and labelled accuracy of the versions that have both. */
export function scoreAgainstLabels(versions: PassesResult['versions'], scoreOf = scores.heldOut) {
  return versions.flatMap((version) => {
    const score = scoreOf(version);
    return score === null ? [] : [[score, version.accuracy] as const];
  });
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
    rankCorrelation: rankCorrelation(scoreAgainstLabels(versions)),
    rankCorrelationOfCandidates: rankCorrelation(scoreAgainstLabels(heldVersions(versions))),
    rankCorrelationUnseen: rankCorrelation(scoreAgainstLabels(versions, scores.unseen)),
    rankCorrelationOfBoth: rankCorrelation(scoreAgainstLabels(versions, scores.both)),
    correlation: correlation(scoreAgainstLabels(versions)),
    versions,
  };
}
