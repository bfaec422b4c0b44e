import type { Enrolled, Extractor, Learner, RecogniserSpec } from '@saface/core';

/** A base model as this edge runs it: one shared extractor, and the learner that scenarios start from. */
export interface LoadedBase {
  readonly extractor: Extractor;
  /** The base model's own learner as an ONNX file. */
  readonly learner: Uint8Array;
  /** Floating-point operations for one face. */
  readonly flops: number;
  /** Faces that no version of it may forget; null for models of anything but faces. Made when they are first asked for. */
  benchmark(): Promise<Enrolled | null>;
}

/** The engine, as far as recognition needs it. */
export interface ModelLoader {
  /**
   * Cuts the recogniser at `spec.defaultCut` and loads the extractor.
   *
   * @param recogniser the whole network as an ONNX file
   * @throws SafaceError `integrity` or `unsupported`
   */
  loadBase(recogniser: Uint8Array, spec: RecogniserSpec): Promise<LoadedBase>;
  loadLearner(learner: Uint8Array, spec: RecogniserSpec): Promise<Learner>;
}

export const sampleSizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
