import { expect, it } from 'vitest';
import type { PassesResult, VersionRecord } from './passes.ts';
import { gainsAgainstLabels, steadinessOf } from './steadiness.ts';

const version = (of: Partial<VersionRecord>): VersionRecord => ({
  pass: 1,
  kind: 'candidate',
  promoted: false,
  labelFree: null,
  labelFreeUnseen: null,
  accuracy: 0.9,
  parentAccuracy: 0.9,
  reason: null,
  ...of,
});
const figures = (accuracy: number) => ({ accuracy, tar_at_far_1e2: 0, auc: 0, genuinePairs: 1, impostorPairs: 1 });

it('tells what was served from what nothing holds', () => {
  const versions = [
    version({ pass: 0, kind: 'base', promoted: true, labelFree: 0.8, accuracy: 0.9, parentAccuracy: null }),
    version({ promoted: true, labelFree: 0.9, labelFreeUnseen: 0.8, accuracy: 0.95, parentAccuracy: 0.9 }),
    version({ kind: 'naive', labelFree: 0.6, labelFreeUnseen: 0.9, accuracy: 0.7 }),
    version({ pass: 2, labelFree: 0.91, accuracy: 0.94, parentAccuracy: 0.95 }),
    version({ pass: 3, promoted: true, labelFree: 0.89, accuracy: 0.93, parentAccuracy: 0.95 }),
  ];
  const result: PassesResult = {
    base: figures(0.9),
    first: figures(0.95),
    last: figures(0.93),
    versions,
    naiveAstray: 2,
    steps: 1,
    triplets: 1,
    seconds: 1,
    joined: 0,
    leftOut: [],
  };
  const found = steadinessOf({ model: 'sphere20', scene: 'corridor' }, result);
  expect(found).toMatchObject({ promotions: 2, candidates: 3, worstNaive: 0.7, naiveAstray: 2 });
  expect(found.worstAgainstParent).toBeCloseTo(-0.02, 9);
  expect(found.worstAgainstBase).toBeCloseTo(0.03, 9);
  // By label-free score the five are 0.7, 0.9, 0.93, 0.95, 0.94: one pair is out of order.
  expect(found.rankCorrelations.heldOut).toBeCloseTo(0.9, 9);
  // Only two have the other score, and it has them the wrong way round.
  expect(found.rankCorrelations.unseen).toBeCloseTo(-1, 9);
  // The mean of both scores, 0.85 and 0.75, has them the right way round.
  expect(found.rankCorrelations.both).toBeCloseTo(1, 9);
  expect(found.rankCorrelationOfCandidates).toBeCloseTo(0.8, 9);
});

it('compares versions with the base of their cell, and says nothing where the base has no score', () => {
  const base = version({ pass: 0, kind: 'base', labelFree: 0.8, accuracy: 0.9 });
  const better = version({ labelFree: 0.9, labelFreeUnseen: 0.7, accuracy: 0.95 });
  const gains = gainsAgainstLabels([base, version({ accuracy: 0.99 }), better], 'heldOut');
  expect(gains.map((pair) => pair.map((value) => Math.round(value * 1e6) / 1e6))).toEqual([
    [0, 0],
    [0.1, 0.05],
  ]);
  expect(gainsAgainstLabels([base, better], 'unseen')).toEqual([]);
});
