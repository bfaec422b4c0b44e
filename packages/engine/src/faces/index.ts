export * from './alignment.ts';
export * from './boxes.ts';
export * from './detector.ts';
export * from './image.ts';
export * from './landmarker.ts';
export * from './mean-face.ts';
export * from './resize.ts';
