export * from './motion-detector.ts';
export * from './whole-picture.ts';
