export { alterCrop } from './alter-crop.ts';
export { type Augmentation, defaultAugmentation, noAugmentation } from './augment.ts';
