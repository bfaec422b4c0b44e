import type { Extractor, InputSpec, Learner, Trainer } from '@saface/core';
import type { ClassificationTrainer } from '../pretraining/classification-trainer.ts';
import type { ClassifierOptions } from '../pretraining/ort-classifier.ts';
import type { TrainerOptions } from '../training/ort-trainer.ts';

export const engineNames = ['onnx', 'tfjs'] as const;
export type EngineName = (typeof engineNames)[number];

export interface EngineDescription {
  readonly name: EngineName;
  /** What computes: an execution provider of ONNX Runtime, or a backend of TensorFlow.js. */
  readonly backend: string;
  /** For people: `ONNX Runtime 1.30.0, CPU`. */
  readonly label: string;
  /** Why this backend and no faster one; null when it was asked for by name and is there. */
  readonly why: string | null;
}

export interface BatchSettings {
  /** Threads for one operator, where the engine lets one choose; default: physical cores. */
  readonly threads?: number;
  /** Most samples in one run; default 32 crops, 64 features. */
  readonly maxBatch?: number;
}

/**
 * What computes pre-training, recognition and learning (paper Fig. 2, steps A, C and E). All engines take the same ONNX files and agree
 * on embeddings, losses and weights within float32 rounding; `contract.test.ts` holds them to it.
 */
export interface Engine {
  readonly name: EngineName;
  /** See `EngineDescription.backend`. */
  readonly backend: string;
  readonly device: 'cpu' | 'gpu';
  /** @throws SafaceError 'integrity' (no ONNX model), 'unsupported' (operator), 'invalid-input' (other crop size) */
  openExtractor(model: Uint8Array, options: BatchSettings & { readonly input: InputSpec }): Promise<Extractor>;
  /** @throws SafaceError 'integrity', 'unsupported' */
  openLearner(model: Uint8Array, options?: BatchSettings): Promise<Learner>;
  /** @throws SafaceError 'integrity', 'unsupported' (names the operator without gradient), 'invalid-input' (`base`) */
  openTrainer(options: Omit<TrainerOptions, 'provider'>): Promise<Trainer>;
  /** For pre-training (step A). @throws SafaceError 'unsupported', 'invalid-input' (fewer than two classes) */
  openClassifier(options: Omit<ClassifierOptions, 'provider'>): Promise<ClassificationTrainer>;
  describe(): EngineDescription;
}

/** Engine and backend as provenance records them: `onnx/cpu`, `tfjs/wasm`. */
export function engineId({ name, backend }: Pick<Engine, 'name' | 'backend'>): string {
  return `${name}/${backend}`;
}
