export * from '../bench/training-bench.ts';
export { mobileLearner } from './fixtures.ts';
export * from './ort-extractor.ts';
export { createOrtLearner, type LearnerOptions } from './ort-learner.ts';
export { createOrtTrainer, type TrainerOptions } from './ort-trainer.ts';
export { type Parameter, trainableParameters } from './parameters.ts';
export { loadTensorFlow, type TfBackend, type TfRuntime, tfBackendNames, tfBackends } from './tfjs-runtime.ts';
export { createTfjsTrainer, type TfTrainerOptions } from './tfjs-trainer.ts';
export type { EmbeddingMetric } from './triplet-loss.ts';
