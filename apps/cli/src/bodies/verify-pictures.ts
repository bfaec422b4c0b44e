import { areaUnderCurve, bestBalancedAccuracy, buildPairs, embeddingDistance, sortPairs } from '@saface/core';

export interface PairFigures {
  /** Best balanced accuracy over all thresholds, and the threshold. */
  readonly accuracy: number;
  readonly threshold: number;
  readonly auc: number;
}

/** Verification over labelled pictures, one list a person: all pairs of one person against all pairs of two. */
export async function verifyPictures<T>(
  people: readonly (readonly T[])[],
  embed: (batch: readonly T[]) => Promise<Float32Array>,
): Promise<PairFigures> {
  const identities = people.flatMap((pictures, person) => pictures.map(() => String(person)));
  const rows: Float32Array[] = [];
  for (const pictures of people) {
    const values = await embed(pictures);
    const dimension = values.length / pictures.length;
    for (let i = 0; i < pictures.length; i++) rows.push(values.slice(i * dimension, (i + 1) * dimension));
  }
  const pairs = buildPairs(
    identities.map((identity) => ({ identity, frame: 0 })),
    { minGap: 0 },
  );
  const distances = ({ a, b }: { readonly a: Int32Array; readonly b: Int32Array }) =>
    Float64Array.from(a, (i, k) => embeddingDistance(rows[i], rows[b[k]], 'cosine'));
  const sorted = sortPairs({ genuine: distances(pairs.genuine), impostor: distances(pairs.impostor) });
  const { accuracy, threshold } = bestBalancedAccuracy(sorted);
  return { accuracy, threshold, auc: areaUnderCurve(sorted) };
}
