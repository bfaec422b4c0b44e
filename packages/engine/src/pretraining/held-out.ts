import { buildPairs, type PretrainVerification, pairDistances, verificationReport } from '@saface/core';
import type { DatasetPart } from './dataset.ts';

/** Enough for an accuracy to half a tenth of a percent, few enough for a second. */
const mostPairs = 100_000;

/**
 * Verification of people whom training never saw, over all their pairs of pictures (an even sample when they are many).
 * @param embeddings of the part's crops in order, not normalised; they are compared as unit vectors
 */
export function verifyHeldOut(part: DatasetPart, embeddings: Float32Array, dimension: number): PretrainVerification {
  const unit = normalised(embeddings, dimension);
  const samples = part.labels.map((identity, frame) => ({ identity, frame }));
  const pairs = buildPairs(samples, { minGap: 1, maxPairs: mostPairs, seed: 1 });
  const report = verificationReport({
    genuine: pairDistances(unit, dimension, pairs.genuine),
    impostor: pairDistances(unit, dimension, pairs.impostor),
  });
  return {
    people: part.identities,
    pictures: part.indices.length,
    genuinePairs: report.genuinePairs,
    impostorPairs: report.impostorPairs,
    accuracy: report.balancedAccuracy,
    auc: report.auc,
    eer: report.eer,
    tarAtFar1e2: report.tarAtFar1e2,
    threshold: Math.max(report.threshold, 1e-6),
  };
}

function normalised(embeddings: Float32Array, dimension: number): Float32Array {
  const unit = embeddings.slice();
  for (let start = 0; start < unit.length; start += dimension) {
    const row = unit.subarray(start, start + dimension);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let i = 0; i < dimension; i++) row[i]! /= length;
  }
  return unit;
}
