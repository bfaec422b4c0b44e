import type { Extractor, InputSpec } from '@saface/core';
import type { SessionOptions } from '../runtime/session.ts';
import { extractorOf } from './network.ts';
import { openOrtNetwork } from './ort-network.ts';

export interface ExtractorOptions extends SessionOptions {
  readonly input: InputSpec;
  /** Most crops in one run; default 32. */
  readonly maxBatch?: number;
}

/** The scenario-shared part of a recogniser on ONNX Runtime: aligned crops in, features at the cut out. */
export async function createOrtExtractor(model: Uint8Array | string, options: ExtractorOptions): Promise<Extractor> {
  return extractorOf(await openOrtNetwork(model, options), options);
}
