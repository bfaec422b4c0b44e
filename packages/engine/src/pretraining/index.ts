export { type Augmentation, defaultAugmentation, noAugmentation } from './augment.ts';
export type {
  ClassificationResult,
  ClassificationState,
  ClassificationStep,
  ClassificationTrainer,
} from './classification-trainer.ts';
export { type CropPack, ensureCropPack, type PackedPerson, type PackSpec, type Skipped } from './crop-pack.ts';
export { type PretrainDataset, splitByIdentity } from './dataset.ts';
export { type HeadName, headNames } from './heads/index.ts';
export { ensureLabelledFolder, type LabelledFolderOptions } from './labelled-folder.ts';
export { type PretrainOptions, type PretrainSettings, resolvePretrainOptions } from './options.ts';
export { type ClassifierOptions, createOrtClassifier } from './ort-classifier.ts';
export { type PretrainJob, type PretrainResult, pretrain } from './pretrain.ts';
export type { Schedule } from './schedule.ts';
export { createTfjsClassifier, type TfClassifierOptions } from './tfjs-classifier.ts';
