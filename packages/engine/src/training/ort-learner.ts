import type { Learner } from '@saface/core';
import type { SessionOptions } from '../runtime/session.ts';
import { learnerOf } from './network.ts';
import { openOrtNetwork } from './ort-network.ts';

export interface LearnerOptions extends SessionOptions {
  /** Most samples in one run; default 64. */
  readonly maxBatch?: number;
}

/** Serves a learner file: features at the cut in, embeddings out, not normalised. */
export async function createOrtLearner(model: Uint8Array | string, options: LearnerOptions = {}): Promise<Learner> {
  return learnerOf(await openOrtNetwork(model, options), options);
}
