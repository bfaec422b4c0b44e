export * from './build-default-models.ts';
export { buildLandmarks } from './face-api/landmarks-68.ts';
export { buildRecogniser, faceApiRecogniser, recogniserCuts } from './face-api/recogniser.ts';
export { FaceApiReference } from './face-api/reference.ts';
export { buildDetector } from './face-api/ssd-mobilenet.ts';
export { readFaceApiWeights } from './face-api/weights.ts';
export * from './library.ts';
export * from './registry.ts';
