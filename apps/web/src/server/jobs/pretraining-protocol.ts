import type { PretrainingSettings, PretrainProgress } from '@saface/core';

/** What the worker tells the process that trains; structured clone over the channel of `fork`. */
export interface PretrainingOrder {
  readonly name: string;
  /** Labelled folder: `<person>/<picture>`. */
  readonly folder: string;
  /** Aligned crops are kept here. */
  readonly cacheDir: string;
  readonly modelsDir: string;
  /** Checkpoint, and at the end `model.onnx` and `spec.json`. */
  readonly runDir: string;
  readonly settings: PretrainingSettings;
  readonly threads: number;
}

/** What it tells the worker. */
export type PretrainingNote =
  | { readonly kind: 'preparing'; readonly done: number; readonly total: number }
  | { readonly kind: 'prepared'; readonly skipped: readonly string[] }
  | { readonly kind: 'progress'; readonly progress: PretrainProgress }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };

export const RESULT_MODEL = 'model.onnx';
export const RESULT_SPEC = 'spec.json';
