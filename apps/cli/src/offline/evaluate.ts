import {
  areaUnderCurve,
  bestBalancedAccuracy,
  buildPairs,
  embeddingDistance,
  embedProbes,
  type FeatureBank,
  type Learner,
  type RecogniserSpec,
  SafaceError,
  sortPairs,
  tarAtFar,
} from '@saface/core';

/** Verification on labelled probes: pairs of one person at least 20 frames apart against pairs of two people. */
export interface VerificationFigures {
  /** Best balanced accuracy over all thresholds. */
  readonly accuracy: number;
  readonly tar_at_far_1e2: number;
  readonly auc: number;
  readonly genuinePairs: number;
  readonly impostorPairs: number;
}

export const PAIR_GAP = 20;

/** Probes of a video with their features: row i belongs to probe i. */
export interface WatchedProbes {
  readonly probes: readonly { readonly frame: number }[];
  readonly features: FeatureBank;
}

/** Scores one learner on the labelled probes from `fromFrame` on. Labels serve this function only. */
export async function verify(
  observation: WatchedProbes,
  labels: readonly (string | null)[],
  { learner, spec, fromFrame }: { learner: Pick<Learner, 'embed'>; spec: RecogniserSpec; fromFrame: number },
): Promise<VerificationFigures> {
  const rows = observation.probes.flatMap(({ frame }, row) =>
    frame >= fromFrame && labels[row] !== null ? [row] : [],
  );
  const { values, dimension } = await embedProbes(learner, observation.features, rows);
  const pairs = buildPairs(
    rows.map((row) => ({ identity: labels[row], frame: observation.probes[row].frame })),
    { minGap: PAIR_GAP },
  );
  if (pairs.genuine.a.length === 0 || pairs.impostor.a.length === 0) {
    throw new SafaceError(
      'invalid-input',
      `The labels from frame ${fromFrame} on give ${pairs.genuine.a.length} pairs of one person and ${pairs.impostor.a.length} of two`,
      'Use a longer video, or labels that cover its last sixth with at least two people.',
    );
  }
  const vector = (i: number) => values.subarray(i * dimension, (i + 1) * dimension);
  const distances = ({ a, b }: { a: Int32Array; b: Int32Array }) =>
    Float64Array.from(a, (i, k) => embeddingDistance(vector(i), vector(b[k]), spec.metric));
  const sorted = sortPairs({ genuine: distances(pairs.genuine), impostor: distances(pairs.impostor) });
  return {
    accuracy: bestBalancedAccuracy(sorted).accuracy,
    tar_at_far_1e2: tarAtFar(sorted, 0.01).tar,
    auc: areaUnderCurve(sorted),
    genuinePairs: pairs.genuine.a.length,
    impostorPairs: pairs.impostor.a.length,
  };
}

/** Share of the verification error that is gone, 0..1; negative when it grew. */
export function errorCut(before: number, after: number): number {
  return before < 1 ? (after - before) / (1 - before) : 0;
}
