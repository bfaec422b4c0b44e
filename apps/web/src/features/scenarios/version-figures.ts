import type { RouterOutputs } from '@/lib/trpc/types';
import type { Interval } from '../../components/charts/prepare-interval-scale.ts';

export type VersionView = RouterOutputs['versions']['list']['versions'][number];
export type Comparison = RouterOutputs['versions']['compare'];

/** Label-free accuracies of both sides, as far as they were measured. */
export function labelFreeIntervals({ a, b, labelFree }: Comparison): Interval[] {
  return [
    { version: a, score: labelFree.a },
    { version: b, score: labelFree.b },
  ].flatMap(({ version, score }) =>
    score ? [{ label: version.label, value: score.accuracy, low: score.low, high: score.high }] : [],
  );
}

/** What the gate measured of a version when it was new; null for the base model. */
export const gateAccuracy = (version: Pick<VersionView, 'verdict'>): number | null =>
  version.verdict?.candidate?.accuracy ?? null;

/** The version that is the base model itself, of those that the scenario stood on: the present one. */
export const baseOf = (versions: readonly VersionView[]): VersionView | undefined =>
  versions.find((v) => v.applies && v.provenance === null) ?? versions.find((v) => v.number === 0);

export const withAlias = (
  versions: readonly VersionView[],
  alias: VersionView['aliases'][number],
): VersionView | undefined => versions.find((v) => v.aliases.includes(alias));
